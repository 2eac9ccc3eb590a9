"""CloudWatch Logs: follows the log of a training job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import GetLogEventsRequestTypeDef

    from nrti_cli.aws.target import Target


class LogFollower:
    """Reads the streams of a log group with a prefix, each line once."""

    def __init__(self, target: Target, group: str, stream_prefix: str) -> None:
        self._client: CloudWatchLogsClient = target.client("logs")
        self._group = group
        self._prefix = stream_prefix
        self._tokens: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        """The lines since the last call; none while there is no such group or stream."""
        for stream in self._streams():
            yield from self._unread(stream)

    def _streams(self) -> list[str]:
        try:
            found = self._client.describe_log_streams(
                logGroupName=self._group, logStreamNamePrefix=self._prefix
            )
        except ClientError as error:
            if code(error) == "ResourceNotFoundException":
                return []
            raise
        return [stream["logStreamName"] for stream in found["logStreams"]]

    def _unread(self, stream: str) -> Iterator[str]:
        while True:
            token = self._tokens.get(stream)
            request: GetLogEventsRequestTypeDef = {
                "logGroupName": self._group,
                "logStreamName": stream,
                "startFromHead": True,
            }
            if token:
                request["nextToken"] = token
            page = self._client.get_log_events(**request)
            for event in page["events"]:
                yield event["message"].rstrip("\n")
            self._tokens[stream] = page["nextForwardToken"]
            # At the end of a stream, the returned token is the one that was sent.
            if page["nextForwardToken"] == token or not page["events"]:
                return
