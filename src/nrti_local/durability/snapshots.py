"""Saves the services' state every few seconds if it changed, so that a killed process loses little.

A forked child saves it: the child has a consistent copy of the memory, while a thread would read data that
requests are changing, and the server continues to answer. The fork itself pauses the server for some
milliseconds.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

_logger = logging.getLogger(__name__)
_INTERVAL_SECONDS = 5.0
#: Saving may use this fraction of one core: a pause of 20 s follows a snapshot that took 1 s.
_REST = 20
_POLL_SECONDS = 0.02
_LONGEST_SECONDS = 120.0
#: The niceness of a child: the server and its functions come first.
_NICE = 5
#: The descriptors that a child closes: all except the standard streams.
_DESCRIPTORS = (3, 65536)


class Moment(Protocol):
    """The state at one moment."""

    def write(self) -> None:
        """Saves it, in the child."""

    def over(self, *, saved: bool) -> None:
        """Is called in the server when the child has ended."""


class Snapshots:
    """Takes a snapshot every few seconds; less often if it takes long.

    Args:
        moment: returns the state, valid while the child is forked, or None if there is nothing to save. Its
            argument `changed_only` is false to save a state that did not change, too.
    """

    def __init__(self, moment: Callable[[bool], AbstractContextManager[Moment | None]]) -> None:
        self._moment = moment
        self._keeper: asyncio.Task[None] | None = None
        self._under_way: asyncio.Task[bool] | None = None

    def start(self) -> None:
        """Starts to take snapshots."""
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Takes the last one, after one that is in progress, since the last must be the newest."""
        if self._keeper:
            self._keeper.cancel()
        await self.take(changed_only=False)

    async def take(self, *, changed_only: bool = True) -> bool:
        """Saves the current state.

        Returns:
            Whether it was saved; also False if there was nothing to save.
        """
        while self._under_way:
            await asyncio.wait([self._under_way])
        with self._moment(changed_only) as moment:
            if moment is None:
                return False
            self._under_way = asyncio.create_task(self._finish(moment, _fork(moment)))
        return await asyncio.shield(self._under_way)

    async def _keep(self) -> None:
        rest = _INTERVAL_SECONDS
        while True:
            await asyncio.sleep(rest)
            began = time.monotonic()
            await self.take()
            rest = max(_INTERVAL_SECONDS, _REST * (time.monotonic() - began))

    async def _finish(self, moment: Moment, child: int) -> bool:
        """Waits for the child, and kills one that hangs on a lock that another thread held at the fork."""
        deadline = time.monotonic() + _LONGEST_SECONDS
        done, status = os.waitpid(child, os.WNOHANG)
        while not done:
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
            await asyncio.sleep(_POLL_SECONDS)
            done, status = os.waitpid(child, os.WNOHANG)
        if status:
            _logger.error("a snapshot of the state failed with status %d and will be repeated", status)
        moment.over(saved=not status)
        self._under_way = None
        return not status


def _fork(moment: Moment) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        # A signal that is meant for the server must not run its handlers here. And if the server is killed,
        # this process must not keep its port, its lock and its connections.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.closerange(*_DESCRIPTORS)
        os.nice(_NICE)
        gc.disable()  # a collection writes to every page, and so copies the server's memory
        moment.write()
        status = 0
    except Exception:
        _logger.exception("a snapshot could not be written")
    finally:
        os._exit(status)
