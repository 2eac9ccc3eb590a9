"""Sends collected log lines and metrics from a thread, a few times a second."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

_logger = logging.getLogger(__name__)
T = TypeVar("T")


class Shipper(ABC, Generic[T]):
    """Collects a `T` in the event loop and sends it; an empty one is not sent.

    Args:
        seconds: the interval between two flushes.

    Attributes:
        pending: set when something was added.
    """

    def __init__(self, seconds: float) -> None:
        self.pending = asyncio.Event()
        self._seconds = seconds
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Sends periodically until it is cancelled."""
        while True:
            await self.pending.wait()
            await asyncio.sleep(self._seconds)
            await self.flush()

    async def flush(self) -> None:
        """Sends what was collected before the call; returns when it was sent or has failed."""
        async with self._sending:
            self.pending.clear()
            collected = self._take()
            if not collected:
                return
            try:
                await asyncio.to_thread(self._send, collected)
            except Exception as error:  # noqa: BLE001 - a failure here must not affect what is reported on
                _logger.warning("%s: %s", type(self).__name__, error)

    @abstractmethod
    def _take(self) -> T:
        """Returns what was collected, and starts a new collection."""

    @abstractmethod
    def _send(self, collected: T) -> None:
        """Sends a collection; runs in a thread."""
