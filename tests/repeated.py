"""Something that goes on while a test does something else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Repeated:
    """Calls something over and over in a thread of its own until the block ends, or it raises.

    Raises:
        Exception: what the call raised, at the end of the block.
    """

    def __init__(self, call: Callable[[], object], pause: float = 0.0) -> None:
        self._call = call
        self._pause = pause
        self._over = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        """Begins, after a pause."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Waits for the end of the last call."""
        self._over.set()
        self._thread.join()
        if self._failure and not error:
            raise self._failure

    def _run(self) -> None:
        try:
            while not self._over.wait(self._pause):
                self._call()
        except Exception as failure:  # noqa: BLE001 (it is raised where it is seen)
            self._failure = failure
