"""Ends a child process with its parent: the parent holds the other end of the child's stdin."""

from __future__ import annotations

import os
import sys
import threading


def end_with_parent() -> None:
    """Ends this process when its stdin reaches end of file, which is when the parent has gone.

    At once and without tidying up: all that it could tell anybody goes through the parent's port, where by
    then the next embedded AWS may answer, with a child of its own at the same work.
    """

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os._exit(0)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
