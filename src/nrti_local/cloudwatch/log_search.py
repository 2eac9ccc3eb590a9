"""FilterLogEvents: the events of a log group that match a pattern, in pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from nrti_local.cloudwatch import logs
from nrti_local.cloudwatch.groups import group_of, no_group, wrong
from nrti_local.cloudwatch.patterns.compiling import of_request
from nrti_local.cloudwatch.patterns.pattern import Pattern
from nrti_local.server.shared.errors import ServiceError

#: Events of one answer at most.
_PAGE = 10_000

Members = dict[str, Any]


def filter_log_events(request: Members) -> Members:
    """Answers FilterLogEvents. A page's token is a time, and how many matches of that time came before."""
    group = group_of(request)
    names = _streams(group, request)
    pattern = of_request(request.get("filterPattern", ""))
    if request.get("startFromHead") is False:
        raise wrong("startFromHead=false is not in the embedded AWS")
    start, passed = _position(request)
    limit = passed + request.get("limit", _PAGE)
    found: list[Members] = []
    answer: Members = {"events": found, "searchedLogStreams": []}
    for event in _matching(group, logs.between(group, names, start, request.get("endTime")), pattern):
        if len(found) == limit:
            last = found[-1]["timestamp"]
            answer["nextToken"] = f"{last}/{sum(each['timestamp'] == last for each in found)}"
            break
        found.append(event)
    del found[:passed]
    return answer


def _streams(group: str, request: Members) -> list[str]:
    """The streams that a request names, or all."""
    existing = logs.streams(group)
    if existing is None:
        raise no_group(group)
    names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix")
    if names and prefix:
        raise wrong("logStreamNames and logStreamNamePrefix cannot be specified together.")
    if names and not set(names) & set(existing):
        raise ServiceError("ResourceNotFoundException", "The specified log stream does not exist.")
    return names or [name for name in existing if name.startswith(prefix or "")]


def _position(request: Members) -> tuple[int, int]:
    """The time at which a page begins, and how many matches of that time came before."""
    if "nextToken" not in request:
        return request.get("startTime", 0), 0
    start, _, passed = request["nextToken"].partition("/")
    if not (start.isdecimal() and passed.isdecimal()):
        raise wrong("The specified nextToken is invalid.")
    return int(start), int(passed)


def _matching(group: str, events: Iterator[logs.Event], pattern: Pattern) -> Iterator[Members]:
    """The matching events, with ids that stay the same: all of one time are read together."""
    alike: Counter[logs.Event] = Counter()
    for event in events:
        if pattern.extracted(event.message) is None:
            continue
        alike[event] += 1
        yield {
            "logStreamName": event.stream,
            "timestamp": event.timestamp,
            "message": event.message,
            "ingestionTime": event.ingested,
            "eventId": logs.identity(group, event, alike[event]),
        }
