"""The workers of one version of a function: few, and kept warm."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from nrti_local.lambda_.functions import Function
from nrti_local.lambda_.package import Package
from nrti_local.lambda_.worker import Worker

#: Worker processes of one version of a function: more than there are cores only makes all of them slower.
MAX_WORKERS = max(2, os.cpu_count() or 2)
#: Ends processes, which takes a moment each.
_ending = ThreadPoolExecutor(4, thread_name_prefix="lambda-end")


@dataclass(eq=False)
class _Turn:
    """An invocation that waits.

    Attributes:
        depth: of its chain of functions.
        worker: that it gets.
    """

    depth: int
    worker: Future[Worker] = field(default_factory=Future)


class Pool:
    """The workers of a version, for as long as its code and configuration stay the same.

    Any thread may use it, with an event loop of its own.

    A function that invokes itself keeps a worker while it waits for the next one. So that it gets one, an
    invocation by a function may have more workers busy than one by a client: `limit` for each function in
    the chain.

    Args:
        function: the version.
        limit: how many workers may be busy for clients.
    """

    def __init__(self, function: Function, limit: int = MAX_WORKERS) -> None:
        self.function = function
        self._limit = limit
        self._lock = threading.Lock()
        self._unpacking = threading.Lock()
        self._package: Package | None = None
        self._workers: set[Worker] = set()
        self._idle: list[Worker] = []
        self._waiting: deque[_Turn] = deque()
        self._retired = False

    async def lease(self, seconds: float, depth: int = 1) -> Worker:
        """Waits for a free worker; the caller releases it.

        Args:
            seconds: that the wait may take.
            depth: of the chain of functions that this invocation ends.

        Raises:
            TimeoutError: there was none in time.
        """
        with self._lock:
            if self._may_start(depth):
                return self._take()
            turn = _Turn(depth)
            self._waiting.append(turn)
        return await self._wait(turn.worker, seconds)

    def _may_start(self, depth: int) -> bool:
        return len(self._workers) - len(self._idle) < self._limit * depth

    def _take(self) -> Worker:
        if self._idle:
            return self._idle.pop()
        worker = Worker(self.function, self._unpack)
        self._workers.add(worker)
        return worker

    async def _wait(self, turn: Future[Worker], seconds: float) -> Worker:
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.wrap_future(turn)
        except (TimeoutError, asyncio.CancelledError):
            with self._lock:  # under which a turn gets its worker
                too_late = turn.done() and not turn.cancelled()
            if too_late:
                self.release(turn.result())
            raise

    def release(self, worker: Worker) -> None:
        """Gives a worker to the invocation that has waited longest, or keeps it warm."""
        worker.idle_since = time.monotonic()
        with self._lock:
            self._idle.append(worker)
            self._give()
            retired = self._retired
        if retired:
            self.retire()

    def _give(self) -> None:
        """Gives the worker that has just become idle to the first in the queue who may have it."""
        for turn in list(self._waiting):
            if turn.worker.cancelled():
                self._waiting.remove(turn)
            elif self._may_start(turn.depth) and turn.worker.set_running_or_notify_cancel():
                self._waiting.remove(turn)
                turn.worker.set_result(self._idle.pop())
                return

    def retire(self) -> None:
        """Ends the workers: the idle ones now, the others when they are released."""
        with self._lock:
            self._retired = True
            idle, self._idle = self._idle, []
        _ending.submit(self._end, idle)

    def reap(self, before: float) -> None:
        """Ends all workers but one that are idle since before a time of the monotonic clock."""
        with self._lock:
            old = [worker for worker in self._idle if worker.idle_since < before]
            old = old[: len(self._workers) - 1]
            self._idle = [worker for worker in self._idle if worker not in old]
        _ending.submit(self._end, old)

    def end(self) -> None:
        """Ends all workers, and waits until they have."""
        with self._lock:
            self._retired = True
            workers = list(self._workers)
        self._end(workers)

    def _end(self, workers: Iterable[Worker]) -> None:
        for worker in workers:
            worker.end()
        with self._lock:
            self._workers.difference_update(workers)
            package = self._package if self._retired and not self._workers else None
            if package:
                self._package = None
        if package:
            package.remove()

    def _unpack(self) -> Package:
        with self._unpacking:
            if self._package is None:
                self._package = Package(self.function)
            return self._package
