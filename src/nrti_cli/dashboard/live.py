"""Follows the predictions of the table's stream, by the code of `nrti tail`, and counts them by page."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from nrti_cli.aws import streams
from nrti_cli.aws.stream_records import read_as_json
from nrti_cli.dashboard.cells import Cell, Series
from nrti_cli.errors import NrtiError
from nrti_cli.tail import Brief, Stored, brief, new_items, stored

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams.client import DynamoDBStreamsClient

    from nrti_cli.aws.target import Target
    from nrti_cli.tail import Item

_logger = logging.getLogger(__name__)
#: Seconds until a stream that could not be read is tried again.
_PAUSE = 1.0
#: How long keys are remembered that came in before the stream could not be read.
_OVERLAP = timedelta(minutes=2)


@dataclass
class Page:
    """What came in since the last one.

    Attributes:
        counted: by the second of the prediction and the series.
        failures: the predicted failures, oldest first, each with the key of its item.
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
        since: when it was read last, or could be no more.
        problem: why it cannot be read, empty if it can.
    """

    since: datetime = field(default_factory=lambda: datetime.now(UTC))
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
        self._target, self._arn, self._deliver = target, arn, deliver
        self._closed = threading.Event()
        self._round: list[tuple[Item, datetime]] = []
        self._clock = _Clock()
        self._last = datetime.now(UTC)
        #: When items came in last were predicted: a new reader brings them again.
        self._recent: dict[tuple[str, str], int] = {}
        self.started = threading.Event()
        self.start = 0
        self.following = Following()
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)

    def begin(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread soon."""
        self._closed.set()

    def _run(self) -> None:
        since: datetime | None = None
        while not self._closed.is_set():
            try:
                self._follow(since)
            except _ClosedError:
                return
            except (BotoCoreError, ClientError, NrtiError) as error:
                _logger.info("the stream cannot be read: %s", error)
                if not self.following.problem:
                    self.following = Following(datetime.now(UTC), str(error))
                since = self._last - _OVERLAP if self.started.is_set() else None
                self._closed.wait(_PAUSE)

    def _follow(self, since: datetime | None) -> None:
        client = self._target.client("dynamodbstreams", read_timeout=10)
        read_as_json(client)
        self._clock.watch(client)
        reader = streams.StreamReader(
            client,
            self._arn,
            since=since,
            polling=streams.LOCAL if self._target.endpoint_url else streams.AWS,
            sleep=self._between_polls,
        )
        self._round = []
        for item in new_items(reader.records(follow=True)):
            self._round.append(item)

    def _between_polls(self, seconds: float) -> None:
        if not self.started.is_set():
            self.start = self._clock.milliseconds()
            self.started.set()
        page, self._round = self._counted(self._round), []
        self.following = Following()
        if page.counted:
            self._deliver(page)
            self._forget()
        if self._closed.wait(seconds):
            raise _ClosedError

    def _counted(self, items: Iterable[tuple[Item, datetime]]) -> Page:
        page = Page()
        for item, changed_at in items:
            self._last = changed_at
            try:
                found = brief(item)
                if found.predicted_at < self.start or self._is_known(found):
                    continue
                page.add(found)
                if found.prediction == 1:
                    page.failures.append((found.key, stored(item, changed_at)))
            except (KeyError, ValueError):
                continue  # another program put it into the table
        return page

    def _is_known(self, found: Brief) -> bool:
        place = found.sensor, found.key
        known = place in self._recent
        self._recent[place] = found.predicted_at
        return known

    def _forget(self) -> None:
        """Drops the keys that no new reader brings again; they are in the order in which they came."""
        oldest = (self._last - 2 * _OVERLAP).timestamp() * 1000
        for place in list(self._recent):
            if self._recent[place] >= oldest:
                return
            del self._recent[place]


class _Clock:
    """AWS's clock, by the answers of a service: this machine's may differ."""

    def __init__(self) -> None:
        self._date = ""

    def watch(self, client: DynamoDBStreamsClient) -> None:
        """Notes the time of each answer."""
        client.meta.events.register("after-call.dynamodb-streams.GetRecords", self._note)

    def _note(self, http_response: Any, **_: object) -> None:
        self._date = http_response.headers.get("date", "")

    def milliseconds(self) -> int:
        """Not earlier than the last answer; the embedded AWS has the clock of this machine."""
        if not self._date:
            return int(time.time() * 1000)
        return int(parsedate_to_datetime(self._date).timestamp() + 1) * 1000


class _ClosedError(Exception):
    """The page is being closed."""
