"""How long to wait before a process that ended is started again."""

from __future__ import annotations

_FIRST_SECONDS, _LAST_SECONDS = 0.2, 10.0


class Backoff:
    """Waits that double from 0.2 to 10 seconds; they begin anew after a process that lived longer."""

    def __init__(self) -> None:
        self._next = _FIRST_SECONDS

    def after(self, lived: float) -> float:
        """The seconds to wait after a process that lived for as many seconds."""
        wait = _FIRST_SECONDS if lived > _LAST_SECONDS else self._next
        self._next = min(wait * 2, _LAST_SECONDS)
        return wait
