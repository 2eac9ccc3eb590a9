"""One run of the producer: from the first due time to an orderly end."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from nrti_cli.producer.dispatch import Dispatcher
from nrti_cli.producer.feed import Request
from nrti_cli.producer.schedule import Arrivals, Schedule

#: How long requests in flight may still take after the first Ctrl-C.
_DRAIN_SECONDS = 5.0
#: How far behind the schedule's end a request may still be sent, when earlier ones have held it up.
_OVERTIME_SECONDS = 1.0


@dataclass(frozen=True)
class Pace:
    """How fast, how evenly and for how long.

    Attributes:
        rate: events a second.
        duration: seconds, None for no end.
        seed: draws the same gaps again; None for new ones.
    """

    rate: float
    arrivals: Arrivals
    duration: float | None
    seed: int | None = None


async def run(
    requests: AsyncIterator[Request], pace: Pace, dispatcher: Dispatcher, on_interrupt: Callable[[], None]
) -> None:
    """Sends requests when they are due, until there are no more or a signal ends it.

    After the first SIGINT or SIGTERM nothing new is sent, and what is in flight gets a few seconds; the
    second one cuts these short. What the source raises comes out when all in flight has been settled.
    """
    scheduling = asyncio.create_task(_send_on_schedule(requests, pace, dispatcher))
    interrupted, impatient = asyncio.Event(), asyncio.Event()

    def interrupt() -> None:
        (impatient if interrupted.is_set() else interrupted).set()
        scheduling.cancel()

    with _signals(interrupt):
        await asyncio.wait([scheduling])
        if not interrupted.is_set():
            await _first(dispatcher.drain(), interrupted.wait())
        if interrupted.is_set():
            on_interrupt()
            await _first(dispatcher.drain(), impatient.wait(), timeout=_DRAIN_SECONDS)
            await dispatcher.cut_short()
    if not scheduling.cancelled():
        scheduling.result()


async def _send_on_schedule(requests: AsyncIterator[Request], pace: Pace, dispatcher: Dispatcher) -> None:
    rng = Random(pace.seed)  # noqa: S311 (no secret)
    schedule = Schedule(pace.rate, pace.arrivals, start=time.monotonic(), duration=pace.duration, rng=rng)
    async for available, events in requests:
        due = schedule.due(len(events), available)
        if due is None:
            return
        # A timer is about a millisecond late, so whatever is due by then is sent without waiting for another.
        if (early := due - time.monotonic()) > 0:
            await asyncio.sleep(early)
        await dispatcher.place(len(events))
        if time.monotonic() > schedule.end + _OVERTIME_SECONDS:
            return
        dispatcher.launch(events, due)


@contextmanager
def _signals(handler: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    caught = (signal.SIGINT, signal.SIGTERM)
    for number in caught:
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


async def _first(*awaitables: Coroutine[object, object, object], timeout: float | None = None) -> None:
    """Waits for one of several, or for the time to run out, and cancels the others."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
