"""The only importers of boto3: the target and one small client per AWS service, returning domain values."""
