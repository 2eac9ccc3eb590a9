"""Saves the services' state every few seconds if it changed, so that a killed process loses little.

A forked child does the saving: it sees the memory as it was at one moment, while a thread would read what
requests are writing, and it takes its time while the server goes on answering. The fork itself pauses the
server for some milliseconds.
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
#: The share of one core that saving may take: a snapshot that took 1 s is followed by 20 s of rest.
_REST = 20
_POLL_SECONDS = 0.02
_LONGEST_SECONDS = 120.0
#: How far a child stands back for what the server and its functions have to do: they have to keep up.
_NICE = 5
#: Descriptors that a child closes: all but those of the standard streams.
_DESCRIPTORS = (3, 65536)


class Moment(Protocol):
    """The state as it is now."""

    def write(self) -> None:
        """Saves it; in the child."""

    def over(self, *, saved: bool) -> None:
        """Hears in the server whether it was saved."""


class Snapshots:
    """Takes a snapshot every few seconds, less often the longer one takes.

    Args:
        moment: gives the state, for as long as the child is being forked, or None if there is nothing to
            save; asked with `changed_only=False` it gives a state that did not change, too.
    """

    def __init__(self, moment: Callable[[bool], AbstractContextManager[Moment | None]]) -> None:
        self._moment = moment
        self._keeper: asyncio.Task[None] | None = None
        self._under_way: asyncio.Task[bool] | None = None

    def start(self) -> None:
        """Begins to take snapshots."""
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Takes the last one; one that is under way is finished first, since the last must be the newest."""
        if self._keeper:
            self._keeper.cancel()
        await self.take(changed_only=False)

    async def take(self, *, changed_only: bool = True) -> bool:
        """Saves the state of now.

        Returns:
            Whether it is saved; False too if there was nothing to save.
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
        """Waits for the child; one that hangs, on a lock that another thread held at the fork, is killed."""
        deadline = time.monotonic() + _LONGEST_SECONDS
        done, status = os.waitpid(child, os.WNOHANG)
        while not done:
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
            await asyncio.sleep(_POLL_SECONDS)
            done, status = os.waitpid(child, os.WNOHANG)
        if status:
            _logger.error("a snapshot of the state failed with status %d; it is tried again", status)
        moment.over(saved=not status)
        self._under_way = None
        return not status


def _fork(moment: Moment) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        # A termination meant for the server must not run its handlers here; and should the server be killed,
        # its port, its lock and its connections must not live on in this process.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.closerange(*_DESCRIPTORS)
        os.nice(_NICE)
        gc.disable()  # a collection writes to every page that it looks at, and so copies the server's memory
        moment.write()
        status = 0
    except Exception:
        _logger.exception("a snapshot cannot be written")
    finally:
        os._exit(status)
