"""Prevents forks while another thread uses SQLite.

A snapshot is written by a forked child, which has the locks of all threads but only the thread that forked:
a lock that another thread held is never released in it. SQLite has such locks, so that a child that uses it
would wait for ever.
"""

from __future__ import annotations

import os
import threading

#: Hold it for each use of SQLite in a process that takes snapshots.
SQLITE = threading.RLock()

os.register_at_fork(before=SQLITE.acquire, after_in_parent=SQLITE.release, after_in_child=SQLITE.release)
