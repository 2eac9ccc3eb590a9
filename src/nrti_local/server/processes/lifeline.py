"""Connects a child process to its parent, which holds the other end of the child's stdin."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable


def end_with_parent(notified: Callable[[], None] = lambda: None) -> None:
    """Ends this process when its stdin reaches end of file, that is, when the parent has ended.

    It ends at once and without cleaning up: it reaches other services by the parent's port, where the next
    embedded AWS may already answer, with a child of its own at the same work.

    Args:
        notified: called in a thread of its own for each notice of the parent (`supervisor.Child.notify`).
    """

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            notified()
        os._exit(0)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
