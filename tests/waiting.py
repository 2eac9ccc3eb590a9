"""Waits for what happens elsewhere: in a thread, a process, or an embedded AWS."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_PAUSE_SECONDS = 0.03


def eventually(look: Callable[[], T], holds: Callable[[T], object] = bool, *, seconds: float = 30.0) -> T:
    """What `look` returns, once that is true or, if given, `holds` of it.

    Raises:
        AssertionError: it never is; the message has what it was last.
    """
    deadline = time.monotonic() + seconds
    while not holds(seen := look()):
        assert time.monotonic() < deadline, f"after {seconds:g} s it still is {seen!r}"
        time.sleep(_PAUSE_SECONDS)
    return seen
