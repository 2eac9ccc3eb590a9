"""Batch transform: the objects under a prefix of S3, record by record through a model."""
