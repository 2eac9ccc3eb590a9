"""CloudWatch Logs: following what a training job writes, and reading groups in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import FilteredLogEventTypeDef, GetLogEventsRequestTypeDef

    from nrti_cli.aws.target import Target


class LogFollower:
    """Reads the streams of a log group that begin with a prefix, each line once."""

    def __init__(self, target: Target, group: str, stream_prefix: str) -> None:
        self._client: CloudWatchLogsClient = target.client("logs")
        self._group = group
        self._prefix = stream_prefix
        self._tokens: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        """What was written since the last call; nothing as long as there is no such group or stream."""
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
            # At the end, the token that comes back is the one that was sent.
            if page["nextForwardToken"] == token or not page["events"]:
                return


@dataclass(frozen=True)
class Logged:
    """Something that was logged.

    Attributes:
        id: CloudWatch's own.
        at: when the writer says that it happened.
        stream: of its group.
        message: without the line break at its end.
    """

    id: str
    at: datetime
    stream: str
    message: str


class LogGroup:
    """Reads a log group across its streams.

    Args:
        target: where CloudWatch Logs is.
        name: the group's; it need not exist.
        stream_prefix: how the names of the streams begin that are read; nothing for all.
    """

    def __init__(self, target: Target, name: str, stream_prefix: str = "") -> None:
        self._client: CloudWatchLogsClient = target.client("logs")
        self._asked = {"logGroupName": name}
        if stream_prefix:
            self._asked["logStreamNamePrefix"] = stream_prefix

    def since(
        self, moment: datetime, pattern: str = "", *, most_pages: int | None = None
    ) -> Iterator[Logged]:
        """What was logged from a moment on, in the order of time; nothing as long as there is no such group.

        Args:
            moment: the earliest time.
            pattern: of CloudWatch, which all of it matches; nothing for all.
            most_pages: how many requests at most are made; None for all that it takes.
        """
        pages = self._client.get_paginator("filter_log_events").paginate(
            **self._asked,  # type: ignore[arg-type]
            startTime=int(moment.timestamp() * 1000),
            **({"filterPattern": pattern} if pattern else {}),  # type: ignore[arg-type]
        )
        try:
            for page in islice(pages, most_pages):
                yield from map(_logged, page["events"])
        except ClientError as error:
            if code(error) != "ResourceNotFoundException":
                raise


def _logged(event: FilteredLogEventTypeDef) -> Logged:
    return Logged(
        id=event["eventId"],
        at=datetime.fromtimestamp(event["timestamp"] / 1000, UTC),
        stream=event["logStreamName"],
        message=event["message"].rstrip("\r\n"),
    )
