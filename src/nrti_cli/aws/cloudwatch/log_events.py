"""CloudWatch Logs: the events of a log group, or of some of its streams, from a time on and in order."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_logs.client import CloudWatchLogsClient

    from nrti_cli.aws.target import Target

#: The tolerance for a stream's last event time, which CloudWatch may update late.
_LATE = timedelta(hours=1)


@dataclass(frozen=True)
class Logged:
    """A log event.

    Attributes:
        id: identifies it within its log, however often it is read.
        at: the writer's timestamp.
        stream: of its group.
        message: without the final line break.
    """

    id: str
    at: datetime
    stream: str
    message: str


class Log(Protocol):
    """A log that can be read from a given time on."""

    def since(self, moment: datetime) -> Iterator[Logged]:
        """The events since then, in order; none while the log does not exist."""


class LogGroup:
    """A log group, across its streams.

    Args:
        target: the AWS.
        name: of the group, which need not exist.
    """

    def __init__(self, target: Target, name: str) -> None:
        self._client: CloudWatchLogsClient = target.client("logs")
        self._name = name

    def since(
        self, moment: datetime, pattern: str = "", *, most_pages: int | None = None
    ) -> Iterator[Logged]:
        """The events since a time, in order; none while the group does not exist.

        Args:
            moment: the earliest time.
            pattern: a CloudWatch filter pattern; empty matches all.
            most_pages: maximum number of requests; None for no limit.
        """
        asked: dict[str, Any] = {"filterPattern": pattern} if pattern else {}
        pages = self._client.get_paginator("filter_log_events").paginate(
            logGroupName=self._name, startTime=_milliseconds(moment), **asked
        )
        try:
            for page in islice(pages, most_pages):
                for event in page["events"]:
                    yield _logged(event, event["eventId"], event["logStreamName"])
        except ClientError as error:
            _excuse_what_is_missing(error)


class LogStreams:
    """The streams of a log group with a prefix, for users who may not read the whole group.

    Args:
        target: the AWS.
        group: the log group, which need not exist.
        prefix: of the streams' names.
    """

    def __init__(self, target: Target, group: str, prefix: str) -> None:
        self._client: CloudWatchLogsClient = target.client("logs")
        self._group = group
        self._prefix = prefix

    def since(self, moment: datetime) -> Iterator[Logged]:
        """The events since a time, in order; none while there is no such stream."""
        try:
            yield from heapq.merge(
                *(self._read(name, moment) for name in self._streams(moment)), key=lambda logged: logged.at
            )
        except ClientError as error:
            _excuse_what_is_missing(error)

    def _streams(self, moment: datetime) -> list[str]:
        pages = self._client.get_paginator("describe_log_streams").paginate(
            logGroupName=self._group, logStreamNamePrefix=self._prefix
        )
        earliest = _milliseconds(moment - _LATE)
        return [
            stream["logStreamName"]
            for page in pages
            for stream in page["logStreams"]
            if max(stream.get("lastEventTimestamp", 0), stream["creationTime"]) >= earliest
        ]

    def _read(self, stream: str, moment: datetime) -> Iterator[Logged]:
        asked: dict[str, Any] = {}
        at_once: Counter[int] = Counter()
        while True:
            page = self._client.get_log_events(
                logGroupName=self._group,
                logStreamName=stream,
                startTime=_milliseconds(moment),
                startFromHead=True,
                **asked,
            )
            for event in page["events"]:
                at_once[event["timestamp"]] += 1
                yield _logged(event, f"{event['timestamp']}-{at_once[event['timestamp']]}", stream)
            # At the end of a stream, the returned token is the one that was sent.
            if page["nextForwardToken"] == asked.get("nextToken"):
                return
            asked = {"nextToken": page["nextForwardToken"]}


def _milliseconds(moment: datetime) -> int:
    return max(0, int(moment.timestamp() * 1000))


def _excuse_what_is_missing(error: ClientError) -> None:
    if code(error) != "ResourceNotFoundException":
        raise error


def _logged(event: Any, identity: str, stream: str) -> Logged:
    return Logged(
        id=identity,
        at=datetime.fromtimestamp(event["timestamp"] / 1000, UTC),
        stream=stream,
        message=event["message"].rstrip("\r\n"),
    )
