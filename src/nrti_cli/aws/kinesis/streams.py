"""Kinesis: the state of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code

if TYPE_CHECKING:
    from mypy_boto3_kinesis.client import KinesisClient

    from nrti_cli.aws.target import Target


def stream_status(target: Target, name: str) -> str | None:
    """The status of a stream, such as ACTIVE, or None if it does not exist."""
    client: KinesisClient = target.client("kinesis")
    try:
        found = client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    except ClientError as error:
        if code(error) == "ResourceNotFoundException":
            return None
        raise
    return found["StreamStatus"]
