"""The lock that shows whether an embedded AWS runs: the kernel releases it when the process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def acquire(path: Path) -> int | None:
    """Takes the lock and returns the file descriptor that holds it, or None if another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)  # without the id of the previous owner
    return descriptor


def sign(descriptor: int) -> None:
    """Writes this process's id into a lock that it holds; `owner` reads it."""
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def owner(path: Path) -> int | None:
    """The process that signed the lock, or None if none has yet."""
    try:
        return int(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def is_held(path: Path) -> bool:
    """Whether a process holds the lock now."""
    if not path.exists():
        return False
    descriptor = acquire(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False
