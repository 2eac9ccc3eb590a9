"""Ends a child process with its parent: the parent holds the other end of the child's stdin."""

from __future__ import annotations

import os
import signal
import sys
import threading


def end_with_parent() -> None:
    """Sends this process SIGTERM when its stdin reaches end of file, which is when the parent has gone."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
