"""CloudWatch Logs: finds and deletes log groups and streams."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

    from nrti_cli.aws.target import Target


class LogGroups:
    """Finds and deletes log groups."""

    def __init__(self, target: Target) -> None:
        self._client: CloudWatchLogsClient = target.client("logs")

    def existing(self, names: Iterable[str]) -> list[str]:
        """The names of existing log groups among `names`."""
        return [name for name in names if self._exists(name)]

    def _exists(self, name: str) -> bool:
        pages = self._client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
        return any(group["logGroupName"] == name for page in pages for group in page["logGroups"])

    def delete(self, name: str) -> None:
        """Deletes a log group, if it exists."""
        try:
            self._client.delete_log_group(logGroupName=name)
        except ClientError as error:
            if code(error) != "ResourceNotFoundException":
                raise

    def delete_streams(self, group: str, prefix: str) -> None:
        """Deletes the streams of a group whose names begin with a prefix."""
        try:
            pages = self._client.get_paginator("describe_log_streams").paginate(
                logGroupName=group, logStreamNamePrefix=prefix
            )
            for stream in [each["logStreamName"] for page in pages for each in page["logStreams"]]:
                self._client.delete_log_stream(logGroupName=group, logStreamName=stream)
        except ClientError as error:
            if code(error) != "ResourceNotFoundException":
                raise
