"""The rows of a query: log events with the fields that Logs Insights finds in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from ministack.core.responses import get_account_id

from nrti_local.cloudwatch import logs
from nrti_local.cloudwatch.insights.expressions import Row
from nrti_local.cloudwatch.insights.values import Timestamp
from nrti_local.server.shared import tokens

#: The fields of every event.
GENERATED = {"@ingestionTime", "@log", "@logStream", "@message", "@ptr", "@timestamp"}
_DECODER = json.JSONDecoder()
#: Lines that Lambda itself writes.
_LAMBDA = re.compile(r"(?P<type>START|END|REPORT) RequestId: (?P<requestId>\S+)")
_MEASURES = re.compile(
    r"\t(Duration|Billed Duration|Memory Size|Max Memory Used|Init Duration): ([\d.]+) (ms|MB)"
)
_MEGABYTE = 1_000_000


def of_group(group: str, start: int, end: int, *, discover: bool = True) -> list[Row]:
    """The events of a log group that exists.

    Args:
        group: its name.
        start: the earliest time, in milliseconds since 1970.
        end: the latest.
        discover: whether to look for fields in the messages.
    """
    log = f"{get_account_id()}:{group}"
    found = logs.between(group, logs.streams(group) or (), start, end)
    return [_row(event, log, discover=discover) for event in found]


def pointer(log: str, event: logs.Event) -> str:
    """What GetLogRecord takes to find an event again."""
    return tokens.encode([log, event.timestamp, logs.identity(log, event)])


def found_by(wanted: str) -> Row | None:
    """The event of a pointer; None if there is none in this account."""
    try:
        log, at, _ = tokens.decode(wanted)
        account, _, group = log.partition(":")
    except (AttributeError, TypeError, ValueError):
        return None
    if account != get_account_id() or logs.streams(group) is None:
        return None
    return next((row for row in of_group(group, at, at) if row.pointer and row.pointer() == wanted), None)


def _row(event: logs.Event, log: str, *, discover: bool) -> Row:
    fields = _discovered(event.message, log) if discover else {}
    fields |= {
        "@timestamp": Timestamp(event.timestamp),
        "@ingestionTime": Timestamp(event.ingested),
        "@message": event.message,
        "@logStream": event.stream,
        "@log": log,
    }
    return Row(fields, pointer=partial(pointer, log, event))


def _discovered(message: str, log: str) -> dict[str, Any]:
    """The fields of the JSON in a message, or of a line of Lambda's."""
    found = dict(_flattened(_json(message), ""))
    return found | _of_lambda(message) if ":/aws/lambda/" in log else found


def _json(message: str) -> Any:
    """The first JSON object in a message; None if it has none."""
    place = message.find("{")
    if place < 0:
        return None
    try:
        return _DECODER.raw_decode(message, place)[0]
    except (ValueError, RecursionError):
        return None


def _flattened(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The texts and numbers in a value by their paths, such as `users.0.name`."""
    prefix = f"{name}." if name else ""
    if isinstance(value, dict):
        for member, inner in value.items():
            yield from _flattened(inner, prefix + member)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _flattened(inner, f"{prefix}{index}")
    elif value is not None:
        yield name, value


def _of_lambda(message: str) -> dict[str, Any]:
    found = _LAMBDA.match(message)
    if found is None:
        return {}
    fields: dict[str, Any] = {"@type": found["type"], "@requestId": found["requestId"]}
    for name, size, unit in _MEASURES.findall(message):
        field = "@" + name[0].lower() + name[1:].replace(" ", "")
        fields[field] = float(size) * (_MEGABYTE if unit == "MB" else 1)
    return fields
