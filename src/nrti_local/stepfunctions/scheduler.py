"""Runs EXPRESS executions, a few at a time, in order of arrival."""

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
#: How many run at once: while one waits for a model, another uses the processor.
AT_A_TIME = max(2, os.cpu_count() or 2)
#: Blocking calls at the same time, a thread each.
_threads = ThreadPoolExecutor(64, thread_name_prefix="express")
#: Seconds that an execution may wait before those of a scheduler that comes after give way.
_PATIENCE_SECONDS = 0.05
#: Seconds that a shutdown waits for accepted executions.
_DRAIN_SECONDS = 15.0

Run = Callable[[], Awaitable[Any]]


class ClosedError(RuntimeError):
    """The server is shutting down and accepts no executions."""


class Scheduler:
    """Runs coroutines on the server's loop, a few at a time.

    More than there are cores would only slow each other down, and each needs a Lambda worker process. One
    that waits between two retries gives its turn to another meanwhile. They share one thread with the
    requests: an execution works for tens of microseconds between two waits, less than it takes to switch
    threads.

    Args:
        at_a_time: how many run at once.
        after: another one that comes first: while one of its executions waits, none begins here.
    """

    def __init__(self, at_a_time: int, after: Scheduler | None = None) -> None:
        self._turns = at_a_time
        self._after = after
        self._looks_again = False
        #: Those that have not begun, and the time since when.
        self._waiting: deque[tuple[float, Callable[[], None]]] = deque()
        self._resuming: deque[asyncio.Future[None]] = deque()
        self._lock = threading.Lock()
        self._open: set[Future[Any]] = set()
        self._end: float | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Sets the loop on which they run."""
        self._loop = loop

    def submit(self, run: Run) -> Future[Any]:
        """Queues a coroutine function, in the account and region of the current request; from any thread.

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
        """Gives free turns away.

        Those that paused come first: beginning another one would only make more of them wait.
        """
        while self._turns > 0 and (self._resuming or self._waiting):
            if not self._resuming:
                if self._comes_later():
                    return
                self._turns -= 1
                self._waiting.popleft()[1]()
                continue
            turn = self._resuming.popleft()
            if not turn.done():  # it may have been cancelled
                self._turns -= 1
                turn.set_result(None)

    def _comes_later(self) -> bool:
        """Whether the other scheduler's executions come first now; then this one looks again soon."""
        if self._after is None or self._after.delay() <= _PATIENCE_SECONDS:
            return False
        if not self._looks_again:
            self._looks_again = True
            asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, self._look_again)
        return True

    def _look_again(self) -> None:
        self._looks_again = False
        self._advance()

    def _begin(self, future: Future[Any], run: Run, context: contextvars.Context) -> None:
        task = asyncio.get_running_loop().create_task(self._work(future, run), context=context)
        self._tasks.add(task)  # the loop itself keeps no reference
        task.add_done_callback(self._tasks.discard)

    async def _work(self, future: Future[Any], run: Run) -> None:
        try:
            future.set_result(await run())
        except BaseException as error:  # noqa: BLE001 - it belongs to the waiter for the result
            future.set_exception(error)
        with self._lock:
            self._open.discard(future)
        self._turns += 1
        self._advance()

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Gives the turn of this execution to another for as long as the block takes."""
        self._turns += 1
        self._advance()
        try:
            yield
        finally:
            await self._resumed()

    async def _resumed(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._resuming.append(turn)
        self._advance()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():  # an execution that times out goes on without waiting for a turn
                self._turns -= 1
            raise

    def delay(self) -> float:
        """Seconds that the next one to begin has waited."""
        try:
            return time.monotonic() - self._waiting[0][0]
        except IndexError:
            return 0.0

    def drain(self, seconds: float = _DRAIN_SECONDS) -> int:
        """Accepts no more and waits for those that were accepted; not for the loop's thread.

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


SCHEDULER = Scheduler(AT_A_TIME)


async def in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    """Runs a blocking function in a thread, in the account and region of the execution."""
    run = contextvars.copy_context().run
    return await asyncio.get_running_loop().run_in_executor(_threads, run, function, *arguments)
