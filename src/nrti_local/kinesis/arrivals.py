"""Notifies the delivery of new records: as another process, it would have to poll for them all the time."""

from __future__ import annotations

from collections.abc import Callable

from ministack.core.concurrency import esm_wake


class Arrivals:
    """Announces new records to ministack's event source mappings, and to one listener."""

    def __init__(self) -> None:
        self._listener: Callable[[], None] | None = None

    def listen(self, listener: Callable[[], None]) -> None:
        """Has a function called after each put, in the thread that puts."""
        self._listener = listener

    def announce(self) -> None:
        """Announces that records have arrived."""
        esm_wake.set()
        if self._listener:
            self._listener()


ARRIVALS = Arrivals()
