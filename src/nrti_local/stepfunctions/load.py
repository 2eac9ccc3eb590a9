"""The load: how much is in progress, and when further executions are refused.

The bound is the time that an execution waits for its turn, not a rate: how many a second are too many depends
on the machine, on the model, and on the other load. Executions that pause between retries wait for no turn,
hence two more bounds: on their number, and on the size of their inputs.
"""

from __future__ import annotations

import threading

from nrti_local.stepfunctions.scheduler import SCHEDULER, Scheduler

#: Seconds that the next execution may have waited.
LONGEST_DELAY = 3.0
#: Executions in progress, and bytes of their inputs: in memory they take a few times as much.
MOST = 2_000
MOST_BYTES = 64 * 1024 * 1024


class Load:
    """Counts the executions in progress.

    Args:
        scheduler: where they wait.
        most: executions that may be in progress.
        most_bytes: of their inputs.
        longest_delay: seconds that the next one may have waited.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        most: int = MOST,
        most_bytes: int = MOST_BYTES,
        longest_delay: float = LONGEST_DELAY,
    ) -> None:
        self._scheduler = scheduler
        self._most, self._most_bytes, self._longest_delay = most, most_bytes, longest_delay
        self._lock = threading.Lock()
        self._count = 0
        self._bytes = 0

    def add(self, size: int) -> None:
        """Counts an accepted execution, with an input of so many bytes."""
        with self._lock:
            self._count += 1
            self._bytes += size

    def remove(self, size: int) -> None:
        """Counts an execution that is over."""
        with self._lock:
            self._count -= 1
            self._bytes -= size

    def is_exceeded(self) -> bool:
        """Whether no more can be accepted now."""
        full = self._count >= self._most or self._bytes >= self._most_bytes
        return full or self._scheduler.delay() > self._longest_delay


LOAD = Load(SCHEDULER)
