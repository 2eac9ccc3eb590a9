"""Batch transform: predictions for the records of all objects under an S3 prefix."""
