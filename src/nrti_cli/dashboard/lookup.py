"""Repeats a lookup in a thread while a browser asks for it."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from nrti_cli.dashboard.threads import in_thread
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from collections.abc import Callable

_logger = logging.getLogger(__name__)
#: Seconds until a look-up that failed is tried again.
_RETRY_SECONDS = 30.0

Found = TypeVar("Found")


class News:
    """Wakes the browsers that wait for something new.

    Attributes:
        count: how often there was something.
    """

    def __init__(self) -> None:
        self.count = 0
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Wakes all that wait."""
        self.count += 1
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def wait(self, seconds: float) -> None:
        """Waits for something new, but no longer than that."""
        event = self._event
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return


class Lookup(Generic[Found]):
    """One thing that is looked up: once at a time, and again after a pause.

    Args:
        look_up: is called in a thread.
        take: gets what was found, in the event loop. It returns the seconds until the next look-up; None
            for never.
        news: wakes those who wait for the result.
        retry: seconds until a look-up that failed is tried again.

    Attributes:
        asking: whether it is being looked up.
        known: whether it has been found.
        over: whether it needs no other look-up.
        problem: why the last look-up failed; empty if it did not.
    """

    def __init__(
        self,
        look_up: Callable[[], Found],
        take: Callable[[Found], float | None],
        news: News,
        *,
        retry: float = _RETRY_SECONDS,
    ) -> None:
        self._look_up, self._take, self._news, self._retry = look_up, take, news, retry
        self.asking = self.known = self.over = False
        self.problem = ""
        self._due = 0.0
        self._task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """Begins a look-up if it is time for one."""
        if self.asking or self.over or time.monotonic() < self._due:
            return
        self.asking = True
        self._task = asyncio.create_task(self._run())

    def close(self) -> None:
        """Drops what is being looked up."""
        if self._task:
            self._task.cancel()

    async def _run(self) -> None:
        self._due = time.monotonic() + self._retry
        try:
            found = await in_thread(self._look_up)
        except (NrtiError, BotoCoreError, ClientError) as error:
            _logger.info("a look-up failed: %s", error)
            self.problem = str(error)
        else:
            pause = self._take(found)
            self.known, self.over, self.problem = True, pause is None, ""
            self._due = time.monotonic() + (pause or 0)
        finally:
            self.asking = False
        self._news.notify()
