"""S3: multipart uploads, checksums and the managed key."""
