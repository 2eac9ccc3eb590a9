"""Saves the services' state every few seconds, so that a killed process loses little.

A forked child does the saving: it sees the memory as it was at one moment, while a thread would read what
requests are writing, and it takes its time while the server goes on answering. The fork itself pauses the
server for some milliseconds.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable

_logger = logging.getLogger(__name__)
_INTERVAL_SECONDS = 5.0
#: The share of one core that saving may take: a snapshot that took 1 s is followed by 20 s of rest.
_REST = 20
_POLL_SECONDS = 0.1
_LONGEST_SECONDS = 120.0


class Snapshots:
    """Takes a snapshot every few seconds, less often the longer one takes.

    Args:
        save: writes the state; runs in the child alone.
    """

    def __init__(self, save: Callable[[], None]) -> None:
        self._save = save
        self._keeper: asyncio.Task[None] | None = None
        self._under_way: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to take snapshots."""
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Takes no more; one that is under way is finished first, since the last save must be the newest."""
        if self._keeper:
            self._keeper.cancel()
        if self._under_way:
            await self._under_way

    async def _keep(self) -> None:
        rest = _INTERVAL_SECONDS
        while True:
            await asyncio.sleep(rest)
            began = time.monotonic()
            self._under_way = asyncio.create_task(self._wait(self._fork()))
            await asyncio.shield(self._under_way)
            rest = max(_INTERVAL_SECONDS, _REST * (time.monotonic() - began))

    def _fork(self) -> int:
        child = os.fork()
        if child:
            return child
        status = 1
        try:
            # A termination meant for the server must not run its handlers here.
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self._save()
            status = 0
        finally:
            os._exit(status)

    async def _wait(self, child: int) -> None:
        """Waits for the child; one that hangs, on a lock that another thread held at the fork, is killed."""
        deadline = time.monotonic() + _LONGEST_SECONDS
        done, status = os.waitpid(child, os.WNOHANG)
        while not done:
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
            await asyncio.sleep(_POLL_SECONDS)
            done, status = os.waitpid(child, os.WNOHANG)
        if status:
            _logger.warning("a snapshot of the state failed with status %d", status)
