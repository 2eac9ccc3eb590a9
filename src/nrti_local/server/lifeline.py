"""A child process's way to hear from its parent, which holds the other end of the child's stdin."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable


def end_with_parent(called: Callable[[], None] = lambda: None) -> None:
    """Ends this process when its stdin reaches end of file, which is when the parent has gone.

    At once and without tidying up: all that it could tell anybody goes through the parent's port, where by
    then the next embedded AWS may answer, with a child of its own at the same work.

    Args:
        called: hears, in a thread of its own, whenever the parent calls (`supervisor.Child.call`).
    """

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            called()
        os._exit(0)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
