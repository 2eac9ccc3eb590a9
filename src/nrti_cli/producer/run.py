"""A run of the producer: from the first due time to an orderly end."""

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

#: Seconds that requests in flight may take after the first Ctrl-C.
_DRAIN_SECONDS = 5.0
#: Seconds after the end of the schedule in which delayed requests may still be sent.
_OVERTIME_SECONDS = 1.0


@dataclass(frozen=True)
class SendRate:
    """The rate of sending, its distribution and its duration.

    Attributes:
        rate: events per second.
        duration: seconds, None for no end.
        seed: repeats the same gaps; None for new ones.
    """

    rate: float
    arrivals: Arrivals
    duration: float | None
    seed: int | None = None


async def run(
    requests: AsyncIterator[Request],
    send_rate: SendRate,
    dispatcher: Dispatcher,
    on_interrupt: Callable[[], None],
) -> None:
    """Sends requests when they are due, until there are no more or a signal ends the run.

    After the first SIGINT or SIGTERM nothing new is sent, and requests in flight get a few seconds; the
    second one cancels them. An exception of the source is raised after all requests in flight are complete.
    """
    scheduling = asyncio.create_task(_send_on_schedule(requests, send_rate, dispatcher))
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


async def _send_on_schedule(
    requests: AsyncIterator[Request], send_rate: SendRate, dispatcher: Dispatcher
) -> None:
    rng = Random(send_rate.seed)  # noqa: S311 (not a secret)
    schedule = Schedule(
        send_rate.rate, send_rate.arrivals, start=time.monotonic(), duration=send_rate.duration, rng=rng
    )
    async for available, events in requests:
        due = schedule.due(len(events), available)
        if due is None:
            return
        # Timers are about a millisecond late, so everything that is due by then is sent at once.
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
    """Waits for the first of several awaitables, or for the timeout, and cancels the others."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
