"""The requests in flight; each event ends up accepted, or in the file of unsent events."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from itertools import cycle
from typing import Protocol

import uuid_utils

from nrti_cli.events import Event
from nrti_cli.ledger import Ledger
from nrti_cli.producer.client import Answer, Client
from nrti_cli.producer.outcomes import is_judged, show_reason
from nrti_cli.producer.sender import Backoff, deliver
from nrti_cli.producer.statistics import Statistics
from nrti_cli.producer.unsent import Unsent

_CUT_SHORT = Answer(0, "the run ended before the API responded")
#: Encodes an event as JSON. Created once: `json.dumps` with separators creates an encoder for each call.
encode = json.JSONEncoder(separators=(",", ":")).encode


class Observer(Protocol):
    """Is notified of the end of each request."""

    def settled(self, events: Sequence[Event], answer: Answer, latency: float) -> None:
        """A request is over, this many seconds after it was due; an exception raised here ends the run."""

    def retrying(self, answer: Answer) -> None:
        """A request is retried for a new reason."""

    def refused(self, answer: Answer) -> None:
        """Events were not accepted for a new reason."""


class Dispatcher:
    """Delivers requests concurrently.

    Args:
        client: makes one attempt.
        backoff: between attempts.
        concurrency: maximum requests in flight, including those that wait for a retry.
        statistics: is updated.
        unsent: receives events that are not accepted in the end.
        observer: is notified of the end of each request.
        ledger: records what is sent, and what is accepted.
    """

    def __init__(
        self,
        client: Client,
        backoff: Backoff,
        concurrency: int,
        *,
        statistics: Statistics,
        unsent: Unsent,
        observer: Observer,
        ledger: Ledger | None = None,
    ) -> None:
        self._client = client
        self._backoff = backoff
        self._free = asyncio.Semaphore(concurrency)
        self._statistics = statistics
        self._unsent = unsent
        self._observer = observer
        self._ledger = ledger
        self._in_flight: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None

    async def place(self, events: int) -> None:
        """Waits for a free slot for one more request, and takes it.

        Raises:
            OSError: events that were not accepted could not be written to the file, so the run must end.
        """
        self._raise_failure()
        if self._free.locked():
            self._statistics.waited += events
        await self._free.acquire()

    def launch(self, events: list[Event], due: float) -> None:
        """Sends a request in the slot that was taken for it.

        Args:
            events: they receive an id and a time if they lack them.
            due: when it should be sent, on the monotonic clock; the latency counts from there.
        """
        late = time.monotonic() - due
        happened = round((time.time() - late) * 1000)
        stamped = [stamp(event, happened) for event in events]
        self._statistics.sent += len(events)
        delivery = asyncio.create_task(self._deliver(stamped, due))
        self._in_flight.add(delivery)
        delivery.add_done_callback(self._finished)

    def _finished(self, delivery: asyncio.Task[None]) -> None:
        self._in_flight.discard(delivery)
        failure = delivery.exception()  # always retrieved: asyncio prints exceptions that were not
        self._failure = self._failure or failure

    def _raise_failure(self) -> None:
        if self._failure:
            raise self._failure

    async def drain(self) -> None:
        """Waits until nothing is in flight; raises the errors of `place`."""
        while self._in_flight:
            await asyncio.wait(self._in_flight)
        self._raise_failure()

    async def cut_short(self) -> None:
        """Cancels all requests in flight."""
        # A task that was cancelled before it ran could not save its events: let all of them start first.
        await asyncio.sleep(0)
        for delivery in self._in_flight:
            delivery.cancel()
        await self.drain()

    async def _deliver(self, events: list[Event], due: float) -> None:
        def retrying(answer: Answer) -> None:
            if self._statistics.retry(len(events), str(answer)):
                self._observer.retrying(answer)

        lines = [encode(event).encode() + b"\n" for event in events]
        if self._ledger:
            self._ledger.send(lines)
        try:
            answer = await deliver(self._client, _body(lines), self._backoff, retrying)
        except asyncio.CancelledError:
            answer = _CUT_SHORT
        finally:
            self._free.release()
        self._settle(events, answer, time.monotonic() - due)
        if self._ledger and (answer.accepted or answer.outcomes):
            self._ledger.accept(events, lines)
        elif self._ledger:
            self._ledger.drop(lines)
        # Last: the event is where it belongs, even if the outcome cannot be shown.
        self._observer.settled(events, answer, time.monotonic() - due)

    def _settle(self, events: list[Event], answer: Answer, latency: float) -> None:
        if answer.outcomes:
            self._tell(events, answer, latency)
            return
        if answer.accepted:
            self._statistics.accept(len(events), latency)
            return
        self._unsent.write(events)
        if self._statistics.fail(len(events), str(answer), rejected=not answer.transient):
            self._observer.refused(answer)

    def _tell(self, events: list[Event], answer: Answer, latency: float) -> None:
        """Counts the events by outcome; those without a prediction are dead-lettered."""
        for _, outcome in zip(events, cycle(answer.outcomes), strict=False):
            if is_judged(outcome):
                self._statistics.judge(latency, failure=outcome["prediction"] == 1)
            else:
                self._statistics.park(show_reason(outcome))


def stamp(event: Event, happened: int) -> Event:
    """The event with an id and a time in epoch milliseconds; with them, it can be sent twice."""
    return {"event_id": str(uuid_utils.uuid7()), "timestamp": happened, **event}


def _body(lines: list[bytes]) -> bytes:
    return b"[" + b",".join(lines) + b"]" if len(lines) > 1 else lines[0]
