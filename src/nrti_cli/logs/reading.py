"""Several logs as one, in the order of time, and what is added to them."""

from __future__ import annotations

import heapq
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import is_throttled
from nrti_cli.aws.logevents import Logged
from nrti_cli.logs.sources import Source

#: Seconds between two looks. On AWS a look at a group is one of five a second that a region's account has.
PAUSE_LOCAL, PAUSE_AWS = 0.5, 5.0
#: CloudWatch may show an event that much later than one that happened after it.
_LATE = timedelta(seconds=30)


class Line(NamedTuple):
    """Something that was logged, and by which part of the pipeline."""

    origin: str
    logged: Logged


def read(sources: Sequence[Source], since: datetime) -> Iterator[Line]:
    """What was logged from a moment on, by all sources, in the order of time."""
    return _merged(_lines(source, since) for source in sources)


def _merged(logs: Iterable[Iterator[Line]]) -> Iterator[Line]:
    return heapq.merge(*logs, key=lambda line: line.logged.at)


def _lines(source: Source, since: datetime) -> Iterator[Line]:
    return (Line(source.origin, logged) for logged in source.log.since(since))


def follow(
    sources: Callable[[], Sequence[Source]],
    since: datetime,
    pause: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Line]:
    """The same, and without end what is added; a log group may come into being meanwhile.

    What comes late is shown when it comes. While CloudWatch throttles, the next look finds what this one did
    not get to.

    Args:
        sources: asked before each look, since models are published and deleted.
        since: the earliest time.
        pause: seconds between two looks.
        sleep: waits for so many seconds.
    """
    read_to: defaultdict[str, datetime] = defaultdict(lambda: since)
    seen: set[Line] = set()
    while True:
        starts = {source: max(since, read_to[source.origin] - _LATE) for source in sources()}
        seen = {line for line in seen if line.logged.at >= read_to[line.origin] - _LATE}
        try:
            for line in _merged(_lines(source, start) for source, start in starts.items()):
                if line not in seen:
                    seen.add(line)
                    read_to[line.origin] = max(read_to[line.origin], line.logged.at)
                    yield line
        except ClientError as error:
            if not is_throttled(error):
                raise
        sleep(pause)
