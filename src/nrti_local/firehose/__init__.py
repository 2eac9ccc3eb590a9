"""Firehose's delivery from Kinesis to S3, as a process of its own that uses the public APIs.

ministack delivers only what clients put into the stream, as one object for each record. This process reads
the source streams of all delivery streams, invokes their transform function once for a batch, converts by the
Glue schema, and writes one Parquet object for a buffer. DescribeDeliveryStream describes all of it, so that
it serves any stack.
"""
