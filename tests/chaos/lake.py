"""What the lake says of how long events took, so that nothing has to be asked while they are under way."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.chaos.system import System

_LATENCY = """
    select date_diff('second', timestamp '1970-01-01', event_time) / {seconds} * {seconds} as since,
           count(*) as events,
           approx_percentile(date_diff('millisecond', event_time, predicted_time), 0.5) as p50,
           approx_percentile(date_diff('millisecond', event_time, predicted_time), 0.99) as p99
    from predictions
    where event_time >= from_unixtime({begin}) and not shadow
    group by 1 order by 1
"""


@dataclass(frozen=True)
class Latency:
    """From when events were sent to when they were judged.

    Attributes:
        since: the begin of the span, in seconds since 1970.
        events: that were sent in it.
        p50: of their latencies, in milliseconds.
        p99: likewise.
    """

    since: int
    events: int
    p50: float
    p99: float


def latencies(system: System, seconds: int, begin: float) -> list[Latency]:
    """The latencies of events by the time at which they were sent.

    Args:
        system: whose lake is asked.
        seconds: the length of each span.
        begin: the first one, in seconds since 1970.
    """
    answer = system.does("query", _LATENCY.format(seconds=seconds, begin=int(begin)), "--format", "json")
    return [Latency(**json.loads(line)) for line in answer.splitlines()]
