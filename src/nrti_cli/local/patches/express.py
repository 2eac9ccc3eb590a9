"""Where EXPRESS executions run: few at a time, however many wait, and none kept when it is over."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Any

_logger = logging.getLogger(__name__)
#: How many run at once: one that waits for a model leaves the processor to another.
AT_A_TIME = max(2, os.cpu_count() or 2)
#: How many may be in progress, most of them in a pause between retries.
_THREADS = 64
#: How long a shutdown waits for the executions it has accepted.
DRAIN_SECONDS = 15.0


class ClosedError(RuntimeError):
    """The server is shutting down and takes no further executions."""


class Executions:
    """Runs functions on threads of its own, in the order they came, a few of them at a time.

    More at a time than there are cores only makes all of them slower, and each takes a Lambda worker process
    of its own. One that pauses between two tries gives its turn away meanwhile.

    Args:
        at_a_time: how many run at once.
    """

    def __init__(self, at_a_time: int) -> None:
        self._turn = threading.BoundedSemaphore(at_a_time)
        self._waiting: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._lock = threading.Lock()
        self._open: set[Future[Any]] = set()
        self._threads = 0
        self._end: float | None = None
        self._mine = threading.local()

    def submit(self, run: Callable[[], Any]) -> Future[Any]:
        """Queues a function.

        Raises:
            ClosedError: the server is shutting down.
        """
        future: Future[Any] = Future()
        with self._lock:
            if self._end is not None:
                raise ClosedError
            self._open.add(future)
            if self._threads < min(_THREADS, len(self._open)):
                self._threads += 1
                threading.Thread(target=self._work, name=f"express-{self._threads}", daemon=True).start()
        self._waiting.put((future, run))
        return future

    def _work(self) -> None:
        while True:
            future, run = self._waiting.get()
            with self._turn:
                self._mine.turn = True
                try:
                    future.set_result(run())
                except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the result
                    future.set_exception(error)
                finally:
                    self._mine.turn = False
            with self._lock:
                self._open.discard(future)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Gives this thread's turn to another for as long as the block takes; elsewhere it does nothing."""
        if not getattr(self._mine, "turn", False):
            yield
            return
        self._turn.release()
        try:
            yield
        finally:
            self._turn.acquire()

    def drain(self, seconds: float = DRAIN_SECONDS) -> int:
        """Takes no more and waits for what was accepted; called again, for the rest of the time only.

        Returns:
            How many are not over by then.
        """
        with self._lock:
            self._end = self._end or time.monotonic() + seconds
            accepted = set(self._open)
        left = len(wait(accepted, timeout=max(0.0, self._end - time.monotonic())).not_done)
        if left:
            _logger.error("%d executions are not over and will be lost", left)
        return left


EXECUTIONS = Executions(AT_A_TIME)
