"""Where EXPRESS executions run: few at a time, however many wait, and none kept when it is over."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import os
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

_logger = logging.getLogger(__name__)
#: How many run at once: one that waits for a model leaves the processor to another.
AT_A_TIME = max(2, os.cpu_count() or 2)
#: How many may block at once, each in a thread.
_threads = ThreadPoolExecutor(64, thread_name_prefix="express")
#: How long a shutdown waits for the executions it has accepted.
DRAIN_SECONDS = 15.0

Run = Callable[[], Awaitable[Any]]


class ClosedError(RuntimeError):
    """The server is shutting down and takes no further executions."""


class Executions:
    """Runs coroutines on the server's loop, in the order they came, a few of them at a time.

    More at a time than there are cores only makes all of them slower, and each takes a Lambda worker process
    of its own. One that pauses between two tries gives its turn away meanwhile. They share one thread with
    the requests: each of them works for tens of microseconds between two waits, and threads would spend more
    than that on handing the interpreter to each other.

    Args:
        at_a_time: how many run at once.
    """

    def __init__(self, at_a_time: int) -> None:
        self._turns = at_a_time
        #: Those that have not begun, with the time since when.
        self._waiting: deque[tuple[float, Callable[[], None]]] = deque()
        self._resuming: deque[asyncio.Future[None]] = deque()
        self._lock = threading.Lock()
        self._open: set[Future[Any]] = set()
        self._end: float | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Tells on which loop they run."""
        self._loop = loop

    def submit(self, run: Run) -> Future[Any]:
        """Queues a coroutine, in the account and region of this request; any thread may.

        Raises:
            ClosedError: the server is shutting down.
        """
        future: Future[Any] = Future()
        with self._lock:
            if self._end is not None or self._loop is None:
                raise ClosedError
            self._open.add(future)
        context = contextvars.copy_context()
        if _running() is self._loop:
            self._queue(future, run, context)
        else:
            self._loop.call_soon_threadsafe(self._queue, future, run, context)
        return future

    def _queue(self, future: Future[Any], run: Run, context: contextvars.Context) -> None:
        self._waiting.append((time.monotonic(), lambda: self._begin(future, run, context)))
        self._advance()

    def _advance(self) -> None:
        """Gives turns to those that wait for one.

        Those that paused come before those that have not begun, which would only make more of them wait.
        """
        while self._turns and (self._resuming or self._waiting):
            self._turns -= 1
            if self._resuming:
                self._resuming.popleft().set_result(None)
            else:
                self._waiting.popleft()[1]()

    def _begin(self, future: Future[Any], run: Run, context: contextvars.Context) -> None:
        task = asyncio.get_running_loop().create_task(self._work(future, run), context=context)
        self._tasks.add(task)  # the loop itself holds none
        task.add_done_callback(self._tasks.discard)

    async def _work(self, future: Future[Any], run: Run) -> None:
        try:
            future.set_result(await run())
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the result
            future.set_exception(error)
        with self._lock:
            self._open.discard(future)
        self._turns += 1
        self._advance()

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Gives this execution's turn to another for as long as the block takes."""
        self._turns += 1
        self._advance()
        try:
            yield
        finally:
            turn = asyncio.get_running_loop().create_future()
            self._resuming.append(turn)
            self._advance()
            await turn

    def delay(self) -> float:
        """How long the one that begins next has waited, in seconds."""
        try:
            return time.monotonic() - self._waiting[0][0]
        except IndexError:
            return 0.0

    def drain(self, seconds: float = DRAIN_SECONDS) -> int:
        """Takes no more and waits for what was accepted; not on the loop.

        Called again, it waits for the rest of the time only.

        Returns:
            How many are not over by then.
        """
        with self._lock:
            self._end = self._end or time.monotonic() + seconds
            accepted = set(self._open)
        left = len(wait(accepted, timeout=max(0.0, self._end - time.monotonic())).not_done)
        if left:
            _logger.warning("%d executions are not over and go on after the next start", left)
        return left


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def on_the_loop() -> bool:
    """Whether this thread runs an event loop, and so must not wait for what the loop does."""
    return _running() is not None


EXECUTIONS = Executions(AT_A_TIME)


async def in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    """Runs code of an execution that blocks, in the account and region of the execution."""
    run = contextvars.copy_context().run
    return await asyncio.get_running_loop().run_in_executor(_threads, run, function, *arguments)
