"""Merges several logs in the order of time, and follows them."""

from __future__ import annotations

import heapq
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from botocore.exceptions import ClientError

from nrti_cli.aws.cloudwatch.log_events import Logged
from nrti_cli.aws.errors import is_throttled
from nrti_cli.logs.sources import LogSource

#: Seconds between two polls. On AWS, an account may read a region's log groups five times per second.
PAUSE_LOCAL, PAUSE_AWS = 0.5, 5.0
#: CloudWatch may show an event this much later than a younger one.
_LATE = timedelta(seconds=30)


class Line(NamedTuple):
    """A log event, and the part of the pipeline that it is from."""

    origin: str
    logged: Logged


def read_logs(sources: Sequence[LogSource], since: datetime) -> Iterator[Line]:
    """The log events of all sources since a time, in order."""
    return _merged(_lines(source, since) for source in sources)


def _merged(logs: Iterable[Iterator[Line]]) -> Iterator[Line]:
    return heapq.merge(*logs, key=lambda line: line.logged.at)


def _lines(source: LogSource, since: datetime) -> Iterator[Line]:
    return (Line(source.origin, logged) for logged in source.log.since(since))


def follow(
    sources: Callable[[], Sequence[LogSource]],
    since: datetime,
    pause: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Line]:
    """The same, followed by new log events without end; log groups may be created meanwhile.

    A late event is shown when it appears. If CloudWatch throttles a poll, the next one reads the rest.

    Args:
        sources: called before each poll, since models are published and deleted.
        since: the earliest time.
        pause: seconds between two polls.
        sleep: sleeps for some seconds.
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
