"""A child is never forked while another thread uses SQLite."""

from __future__ import annotations

import os
import threading

from nrti_local.durability.forks import SQLITE

_FORKS = 20


def test_no_child_has_the_lock_of_another_thread() -> None:
    used, ended = threading.Event(), threading.Event()

    def use() -> None:
        while not ended.is_set():
            with SQLITE:
                used.set()

    thread = threading.Thread(target=use)
    thread.start()
    try:
        used.wait()
        found = [_status_of_child() for _ in range(_FORKS)]
    finally:
        ended.set()
        thread.join()

    assert found == [0] * _FORKS


def _status_of_child() -> int:
    """The status of a child that ends with 0 if the lock is free."""
    child = os.fork()
    if not child:
        os._exit(not SQLITE.acquire(blocking=False))
    return os.waitpid(child, 0)[1]
