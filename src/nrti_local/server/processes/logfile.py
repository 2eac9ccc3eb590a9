"""Reads the end of the server's log and follows it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from nrti_local.errors import LocalError, Remedy

_POLL_SECONDS = 0.2


def read(
    path: Path, lines: int, *, follow: bool, sleep: Callable[[float], None] = time.sleep
) -> Iterator[str]:
    """The last lines of the log; with `follow`, without end.

    Raises:
        LocalError: there is no log.
    """
    try:
        log = path.open(errors="replace", encoding="utf-8")
    except FileNotFoundError as error:
        raise LocalError("the embedded AWS was never started", Remedy.START) from error
    with log:
        yield from deque(log, maxlen=lines)
        while follow:
            line = log.readline()
            if line:
                yield line
            else:
                sleep(_POLL_SECONDS)
