"""The only importers of botocore: the target, and a small client for each AWS service."""
