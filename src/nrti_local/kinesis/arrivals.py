"""Tells the delivery that a stream has got records: being another process, it had to ask all the time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from nrti_local.ministack.patch import Patch


class Arrivals:
    """Stands for the event that Kinesis sets with each record; tells of it somebody else, too."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._tell: Callable[[], None] | None = None

    def tell(self, listener: Callable[[], None]) -> None:
        """Calls a function from now on with each record or batch, in whichever thread puts it."""
        self._tell = listener

    def beside(self, event: threading.Event) -> Arrivals:
        """Takes the place of ministack's event."""
        self._event = event
        return self

    def set(self) -> None:
        """Records have come."""
        self._event.set()
        if self._tell:
            self._tell()


ARRIVALS = Arrivals()

PATCHES = (
    Patch(
        "ministack.services.kinesis",
        "esm_wake",
        "Only ministack's own event source mappings hear that records have come.",
        ARRIVALS.beside,
    ),
)
