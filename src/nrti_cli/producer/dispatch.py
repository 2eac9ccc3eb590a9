"""The requests in flight: each event ends up accepted, or in the file of unsent ones."""

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

_CUT_SHORT = Answer(0, "the run was ended before the API had answered")
#: An event as the body of a request. Made once: `json.dumps` with separators makes an encoder for each call.
encode = json.JSONEncoder(separators=(",", ":")).encode


class Observer(Protocol):
    """Hears of the end of each request."""

    def settled(self, events: Sequence[Event], answer: Answer, latency: float) -> None:
        """A request is over, so many seconds after it was due; what this raises ends the run."""

    def retrying(self, answer: Answer) -> None:
        """A request is sent again, for a reason that did not come up before."""

    def refused(self, answer: Answer) -> None:
        """Events were not accepted, for a reason that did not come up before."""


class Dispatcher:
    """Delivers requests concurrently.

    Args:
        client: does one attempt.
        backoff: between attempts.
        concurrency: how many requests may be in flight at once, those that wait for another attempt included.
        statistics: is kept up to date.
        unsent: takes what is finally not accepted.
        observer: is told of each request's end.
        ledger: takes what is sent, and what is accepted.
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
        """Waits until one more request may be in flight, and takes that place.

        Raises:
            OSError: events that were not accepted could not be kept, so it is better to send no more.
        """
        self._raise_failure()
        if self._free.locked():
            self._statistics.waited += events
        await self._free.acquire()

    def launch(self, events: list[Event], due: float) -> None:
        """Sends a request in the place that was taken for it.

        Args:
            events: an event without an id or a time gets them here.
            due: when it should have been sent, on the monotonic clock; the latency counts from there.
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
        failure = delivery.exception()  # asked for each time: asyncio prints what is not
        self._failure = self._failure or failure

    def _raise_failure(self) -> None:
        if self._failure:
            raise self._failure

    async def drain(self) -> None:
        """Waits until nothing is in flight; raises like `place`."""
        while self._in_flight:
            await asyncio.wait(self._in_flight)
        self._raise_failure()

    async def cut_short(self) -> None:
        """Gives up whatever is in flight."""
        # A task that never ran would be cancelled without a chance to save its events: let all of them begin.
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
        # Last: by now the event is where it belongs, even if nobody can be shown that.
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
        """Counts events whose outcome is known; those without a prediction lie in the dead letters."""
        for _, outcome in zip(events, cycle(answer.outcomes), strict=False):
            if is_judged(outcome):
                self._statistics.judge(latency, failure=outcome["prediction"] == 1)
            else:
                self._statistics.park(show_reason(outcome))


def stamp(event: Event, happened: int) -> Event:
    """The event with an id and a time, in epoch milliseconds, unless it has them; so it can be sent twice."""
    return {"event_id": str(uuid_utils.uuid7()), "timestamp": happened, **event}


def _body(lines: list[bytes]) -> bytes:
    return b"[" + b",".join(lines) + b"]" if len(lines) > 1 else lines[0]
