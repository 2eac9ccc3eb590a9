"""Log lines and metrics, collected in the event loop and sent off in a thread a few times a second."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

_logger = logging.getLogger(__name__)
T = TypeVar("T")


class Shipper(ABC, Generic[T]):
    """What is collected between two sendings is a `T`; an empty one is not sent.

    Args:
        seconds: between two sendings.

    Attributes:
        collecting: set by whoever adds something.
    """

    def __init__(self, seconds: float) -> None:
        self.collecting = asyncio.Event()
        self._seconds = seconds
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Sends until it is cancelled."""
        while True:
            await self.collecting.wait()
            await asyncio.sleep(self._seconds)
            await self.flush()

    async def flush(self) -> None:
        """Sends what was collected before the call; returns when it has arrived or is given up."""
        async with self._sending:
            self.collecting.clear()
            collected = self._take()
            if not collected:
                return
            try:
                await asyncio.to_thread(self._send, collected)
            except Exception as error:  # noqa: BLE001 - telemetry must never stop what it reports on
                _logger.warning("%s: %s", type(self).__name__, error)

    @abstractmethod
    def _take(self) -> T:
        """Hands over what was collected and begins anew."""

    @abstractmethod
    def _send(self, collected: T) -> None:
        """Sends it; runs in a thread."""
