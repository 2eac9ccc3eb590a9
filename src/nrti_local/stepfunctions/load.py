"""How much is in progress, and when no more is taken: whoever sends too much is told so at once.

The bound is on how long an execution waits for its turn, not on a rate: how many a second is too many depends
on the machine, on the model, and on what else goes on. What is accepted but pauses between retries waits for
no turn, hence the bounds on the number of executions and on the size of what they were started with.
"""

from __future__ import annotations

import threading

from nrti_local.stepfunctions.express import EXECUTIONS, Executions

#: Seconds that the next execution may have waited.
LONGEST_DELAY = 3.0
#: Executions in progress, and bytes of their inputs: in memory they take up a few times as much.
MOST = 2_000
MOST_BYTES = 64 * 1024 * 1024


class Load:
    """The executions in progress, counted.

    Args:
        executions: where they wait.
    """

    def __init__(self, executions: Executions) -> None:
        self._executions = executions
        self._lock = threading.Lock()
        self._count = 0
        self._bytes = 0

    def add(self, size: int) -> None:
        """Counts one that was accepted, with an input of so many bytes."""
        with self._lock:
            self._count += 1
            self._bytes += size

    def remove(self, size: int) -> None:
        """Counts one that is over."""
        with self._lock:
            self._count -= 1
            self._bytes -= size

    def is_too_much(self) -> bool:
        """Whether no more can be taken now."""
        return self._count >= MOST or self._bytes >= MOST_BYTES or self._executions.delay() > LONGEST_DELAY


LOAD = Load(EXECUTIONS)
