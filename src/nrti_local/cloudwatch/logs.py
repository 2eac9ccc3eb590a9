# ruff: noqa: SLF001
"""The log events in CloudWatch Logs: writes those of the embedded AWS's own services, and reads all."""

from __future__ import annotations

import heapq
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from ministack.services import cloudwatch_logs

from nrti_local.cloudwatch import metric_filters
from nrti_local.cloudwatch.groups import name_of
from nrti_local.ministack.patch import private
from nrti_local.server.shared.ask import ask_json

PRIVATE = private(
    "ministack.services.cloudwatch_logs",
    "_append_log_events",
    "_fanout_to_subscription_filters",
    "_log_events_lock",
    "_log_groups",
)
#: Lines that a log stream keeps: logs must not fill the memory of an embedded AWS that runs for weeks.
_KEPT = 10_000


class Event(NamedTuple):
    """A log event; its times are milliseconds since 1970."""

    stream: str
    timestamp: int
    ingested: int
    message: str


def identity(scope: str, event: Event, alike: int = 1) -> str:
    """Names an event: the same whenever it is read.

    Args:
        scope: where it is unique, such as a group.
        event: to name.
        alike: the number of the event among those that are equal.
    """
    return sha256(repr((scope, *event, alike)).encode()).hexdigest()[:56]


def streams(group: str) -> list[str] | None:
    """The names of a group's streams; None if there is no such group in this account and region."""
    found = cloudwatch_logs._log_groups.get(group)
    return None if found is None else list(found["streams"])


def between(group: str, names: Iterable[str], start: int, end: int | None) -> Iterator[Event]:
    """The events of some streams of a group, by time, as they are now.

    Args:
        group: which exists.
        names: of streams; those that do not exist have no events.
        start: the earliest time, in milliseconds since 1970.
        end: the latest; None for no end.
    """
    kept = cloudwatch_logs._log_groups[group]["streams"]
    with cloudwatch_logs._log_events_lock:
        ranges = [_range(name, kept[name]["events"], start, end) for name in names if name in kept]
    return heapq.merge(*ranges, key=lambda event: (event.timestamp, event.ingested))


def _range(stream: str, events: Sequence[Any], start: int, end: int | None) -> Iterator[Event]:
    def at(event: Any) -> Any:
        return event["timestamp"]

    first = bisect_left(events, start, key=at)
    last = len(events) if end is None else bisect_right(events, end, key=at)
    found = events[first:last]
    return (Event(stream, event["timestamp"], event["ingestionTime"], event["message"]) for event in found)


def append(group: str, stream: str, messages: list[str]) -> None:
    """Appends lines to a log stream; creates the group and the stream if they do not exist.

    Args:
        group: such as `/aws/lambda/<function>`.
        stream: its name in the group.
        messages: a line each.
    """
    groups = cloudwatch_logs._log_groups
    if group not in groups:
        _ask("CreateLogGroup", logGroupName=group)
    if stream not in groups[group]["streams"]:
        _ask("CreateLogStream", logGroupName=group, logStreamName=stream)
    record = groups[group]["streams"][stream]
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": message, "ingestionTime": now} for message in messages]
    cloudwatch_logs._append_log_events(record, events)
    with cloudwatch_logs._log_events_lock:
        if len(record["events"]) > _KEPT + _KEPT // 10:
            del record["events"][:-_KEPT]
    cloudwatch_logs._fanout_to_subscription_filters(group, stream, events)
    metric_filters.count(group, messages)


def _ask(operation: str, **request: str) -> None:
    ask_json(cloudwatch_logs, f"Logs_20140328.{operation}", request)


def execution(machine: dict[str, Any], lines: list[str]) -> None:
    """Logs the events of an EXPRESS execution, where the machine's loggingConfiguration says.

    Args:
        machine: as DescribeStateMachine answers.
        lines: the events that are logged.
    """
    if not lines:
        return
    stream = f"states/{machine['name']}/{time.strftime('%Y-%m-%d', time.gmtime())}"
    for group in _groups(machine["loggingConfiguration"]):
        append(group, stream, lines)


def _groups(configuration: dict[str, Any]) -> list[str]:
    return [
        name_of(to["cloudWatchLogsLogGroup"]["logGroupArn"]) for to in configuration.get("destinations", [])
    ]
