"""Sequence numbers of records."""

from __future__ import annotations

import threading
import time


class Numbers:
    """Sequence numbers that always grow, also when the clock is set back and across restarts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._milliseconds = 0
        self._count = 0

    def next(self) -> str:
        """Returns the next number, in ministack's form: milliseconds and a counter."""
        with self._lock:
            self._milliseconds = max(self._milliseconds, int(time.time() * 1000))
            self._count += 1
            return f"{self._milliseconds:020d}{self._count:010d}"

    def pass_by(self, number: str) -> None:
        """Makes all further numbers higher than a given one."""
        with self._lock:
            self._milliseconds = max(self._milliseconds, int(number[:20]) + 1)


#: Of the records in Kinesis streams, and in the streams of tables.
KINESIS = Numbers()
TABLES = Numbers()
