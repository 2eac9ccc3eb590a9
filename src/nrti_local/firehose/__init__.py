"""The delivery bridge: what Kinesis -> Firehose -> S3 does on AWS, on the public APIs of the embedded one.

ministack feeds a delivery stream from PutRecord only and writes an object per record. This process reads the
Kinesis streams that delivery streams name as their source, invokes their transform function once per batch,
converts by the Glue schema, and writes one parquet object per buffer. It takes all of that from
DescribeDeliveryStream, so it serves any stack.
"""
