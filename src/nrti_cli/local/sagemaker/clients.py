"""boto3 clients of the embedded AWS, whose S3, Logs and CloudWatch are used here as by any program."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_s3.client import S3Client

_lock = threading.Lock()


def s3() -> S3Client:
    """The client of S3."""
    return _client("s3")  # type: ignore[no-any-return]


def logs() -> CloudWatchLogsClient:
    """The client of CloudWatch Logs."""
    return _client("logs")  # type: ignore[no-any-return]


def cloudwatch() -> CloudWatchClient:
    """The client of CloudWatch."""
    return _client("cloudwatch")  # type: ignore[no-any-return]


def _client(service: str) -> Any:
    with _lock:  # making a client is not thread-safe, using one is
        return _made(service)


@cache
def _made(service: str) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(retries={"mode": "standard", "max_attempts": 5}, s3={"addressing_style": "path"})
    return boto3.client(service, config=config)  # type: ignore[call-overload]
