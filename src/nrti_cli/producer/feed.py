"""Passes events to the event loop in requests, without blocking it."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from threading import Semaphore, Thread

from nrti_cli.events import Event

#: Lines of live input that are read ahead of the schedule.
_AHEAD = 1000

#: The events of a request, and when the last of them was read, on the monotonic clock.
Request = tuple[float, list[Event]]


def _sizes(batch: int, count: int | None) -> Iterator[int]:
    """The number of events of each request: full batches, and the rest if `count` is not a multiple."""
    remaining: float = math.inf if count is None else count
    while remaining > 0:
        yield int(min(batch, remaining))
        remaining -= batch


async def ready_requests(events: Iterator[Event], batch: int, count: int | None) -> AsyncIterator[Request]:
    """Requests of events that are available at once."""
    for size in _sizes(batch, count):
        request = list(islice(events, size))
        if not request:
            return
        yield -math.inf, request


async def live_requests(events: Iterator[Event], batch: int, count: int | None) -> AsyncIterator[Request]:
    """Requests of events that may have to be waited for, such as those from a pipe."""
    arrivals = _in_thread(events)
    for size in _sizes(batch, count):
        request: list[Event] = []
        arrived = -math.inf
        while len(request) < size and (arrival := await anext(arrivals, None)):
            arrived, event = arrival
            request.append(event)
        if not request:
            return
        yield arrived, request


async def _in_thread(events: Iterator[Event]) -> AsyncIterator[tuple[float, Event]]:
    """Reads in a daemon thread, because a read from a pipe cannot be interrupted."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[tuple[float, Event | Exception | None]] = asyncio.Queue()
    ahead = Semaphore(_AHEAD)

    def hand_over(item: Event | Exception | None) -> None:
        ahead.acquire()
        # The loop is closed if the run ended while this thread waited for a line.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(queue.put_nowait, (time.monotonic(), item))

    def read() -> None:
        try:
            for event in events:
                hand_over(event)
            hand_over(None)
        except Exception as error:  # noqa: BLE001 (it is raised again where the events are consumed)
            hand_over(error)

    Thread(target=read, name="input", daemon=True).start()
    while True:
        arrived, item = await queue.get()
        ahead.release()
        if item is None:
            return
        if isinstance(item, Exception):
            raise item
        yield arrived, item
