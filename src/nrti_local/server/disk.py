"""Checks the free space of the disk, so that requests can be refused before anything is lost."""

from __future__ import annotations

import os
import time
from pathlib import Path

#: Bytes that stay free for the journal, the snapshots and the state of running jobs.
_RESERVE = 1_048_576
#: How long a check is valid. Checking for each request took 6 % of the time of an event.
_VALID_SECONDS = 0.1


class FreeSpace:
    """Checks the disk of a directory, ten times a second at most.

    Args:
        path: of the directory.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._shortage, self._until = "", 0.0

    def __call__(self) -> str:
        """The result of `shortage`."""
        if time.monotonic() >= self._until:
            self._shortage, self._until = shortage(self._path), time.monotonic() + _VALID_SECONDS
        return self._shortage


def shortage(path: Path, reserve: int = _RESERVE) -> str:
    """Why nothing more fits on the disk of a path, in one line; empty if there is space.

    Args:
        path: a file or a directory, or one that will exist: the nearest existing parent counts.
        reserve: bytes that must be free.
    """
    there = next((place for place in (path, *path.parents) if place.exists()), None)
    if there is None:
        return ""
    disk = os.statvfs(there)
    free = disk.f_bavail * disk.f_frsize
    if free < reserve:
        return f"the disk of {path} is full, with {free / 1000:,.0f} kB free (No space left on device)"
    if disk.f_files and not disk.f_favail:
        return f"the disk of {path} has no space for another file (No space left on device)"
    return ""
