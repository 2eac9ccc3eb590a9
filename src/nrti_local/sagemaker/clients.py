"""Clients of S3, CloudWatch Logs and CloudWatch in the embedded AWS."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from nrti_local.server.shared import sdk

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_s3.client import S3Client

_lock = threading.Lock()


@dataclass(frozen=True)
class Clients:
    """The clients of one account in one region, created on first use."""

    account: str
    region: str

    def s3(self) -> S3Client:
        """The client of S3."""
        return self._client("s3")  # type: ignore[no-any-return]

    def logs(self) -> CloudWatchLogsClient:
        """The client of CloudWatch Logs."""
        return self._client("logs")  # type: ignore[no-any-return]

    def cloudwatch(self) -> CloudWatchClient:
        """The client of CloudWatch."""
        return self._client("cloudwatch")  # type: ignore[no-any-return]

    def _client(self, service: str) -> Any:
        with _lock:  # creating a client is not thread-safe, using one is
            return _made(service, self.account, self.region)


@cache
def _made(service: str, account: str, region: str) -> Any:
    from botocore.config import Config

    # In the embedded AWS the id of an account is an access key of its root user.
    config = Config(retries={"mode": "standard", "max_attempts": 5}, s3={"addressing_style": "path"})
    return sdk.client(service, account, region, config)
