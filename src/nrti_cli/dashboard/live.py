"""Follows the predictions in the table's stream, with the code of `nrti tail`, and counts them."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from nrti_cli.aws.dynamodb import streams
from nrti_cli.aws.dynamodb.stream_records import read_as_json
from nrti_cli.dashboard.cells import Cell, Series
from nrti_cli.dashboard.recent import Recent
from nrti_cli.errors import NrtiError
from nrti_cli.tail import Brief, Stored, brief, new_items, stored

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.tail import Item

_logger = logging.getLogger(__name__)
#: Seconds until a stream that could not be read is tried again.
_PAUSE = 1.0
_SECOND = timedelta(seconds=1)
#: What claims to be predicted later than this from now is of another program: it would end the period shown.
_AHEAD = timedelta(minutes=1)
#: Failures of a page that are read as a whole, the last ones: reading one takes as long as counting ten.
_MOST_FAILURES = 100
#: A browser asks four times a second at most. A large page takes several megabytes while it is read; this one
#: takes one, and is full at 600 events a second.
_LOCAL = streams.Polling(behind=0.0, active=0.25, idle=0.25, page=150)


@dataclass
class Page:
    """What came in since the last one.

    Attributes:
        counted: by the second of the prediction and the series.
        failures: the last predicted failures, oldest first, each with the key of its item.
    """

    counted: dict[tuple[int, Series], Cell] = field(default_factory=dict)
    failures: list[tuple[str, Stored]] = field(default_factory=list)

    def add(self, found: Brief) -> None:
        """Counts one prediction."""
        place = found.predicted_at // 1000, Series(found.sensor, found.model, found.version)
        cell = self.counted.get(place)
        if cell is None:
            cell = self.counted[place] = Cell()
        cell.add(found.prediction, found.probability, found.predicted_at - found.timestamp)


@dataclass
class Following:
    """How the stream is doing.

    Attributes:
        since: when it was read last, or could be no more, by AWS's clock.
        problem: why it cannot be read, empty if it can.
    """

    since: datetime
    problem: str = ""


class Live:
    """Reads the stream in a thread of its own until it is closed, however often it breaks.

    Args:
        target: where the stream is.
        arn: the stream's.
        deliver: takes each page; it is called in the thread.

    Attributes:
        started: set when the stream is being read.
        start: in epoch milliseconds, by AWS's clock: all that was predicted then or later comes from the
            stream, and all that was predicted earlier is in the lake, now or soon.
        following: how it goes.
    """

    def __init__(self, target: Target, arn: str, deliver: Callable[[Page], None]) -> None:
        client = target.client("dynamodbstreams", read_timeout=10)
        read_as_json(client)
        self._reader = streams.StreamReader(
            client,
            arn,
            since=None,
            polling=_LOCAL if target.endpoint_url else streams.AWS,
            sleep=self._between_polls,
        )
        self._deliver = deliver
        self._closed = threading.Event()
        self._round: list[tuple[Item, datetime]] = []
        self._recent = Recent()
        self.started = threading.Event()
        self.start = 0
        self.following = Following(self.now())
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)

    def begin(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread soon."""
        self._closed.set()

    def now(self) -> datetime:
        """The time by AWS's clock, which predictions are made by."""
        return self._reader.clock.now()

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                for item in new_items(self._reader.records(follow=True)):
                    self._round.append(item)
            except _ClosedError:
                return
            except (BotoCoreError, ClientError, NrtiError) as error:
                _logger.info("the stream cannot be read: %s", error)
                if not self.following.problem:
                    self.following = Following(self.now(), str(error))
                self._closed.wait(_PAUSE)

    def _between_polls(self, seconds: float) -> None:
        if not self.started.is_set():
            self.start = self._end_of_second()
            self.started.set()
        page, self._round = self._counted(self._round), []
        self.following = Following(self.now())
        if page.counted:
            self._deliver(page)
        if self._closed.wait(seconds):
            raise _ClosedError

    def _end_of_second(self) -> int:
        """The end of the second of the last answer, in epoch milliseconds: the stream was being read then."""
        answered = self._reader.clock.answered or self.now()
        return int((answered + _SECOND).timestamp() * 1000)

    def _counted(self, items: Iterable[tuple[Item, datetime]]) -> Page:
        page = Page()
        failing: deque[tuple[str, Item, datetime]] = deque(maxlen=_MOST_FAILURES)
        latest = int((self.now() + _AHEAD).timestamp() * 1000)
        for item, changed_at in items:
            try:
                found = brief(item)
            except (KeyError, ValueError):
                continue  # another program put it into the table
            if not self.start <= found.predicted_at <= latest or self._recent.has(found):
                continue
            page.add(found)
            if found.prediction == 1:
                failing.append((found.key, item, changed_at))
        for key, item, changed_at in failing:
            with suppress(KeyError, ValueError):
                page.failures.append((key, stored(item, changed_at)))
        return page


class _ClosedError(Exception):
    """The page is being closed."""
