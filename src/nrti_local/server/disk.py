"""Whether the disk has room: what could not be kept is refused, so that nothing is lost when it is full."""

from __future__ import annotations

import os
import time
from pathlib import Path

#: Bytes that stay free, for the journal, the snapshots and the descriptions of what is under way.
RESERVE = 1_048_576
#: A request is too short to look at the disk for each: that took a sixteenth of the time of an event's.
_LOOK_SECONDS = 0.1


class Watch:
    """Says what is wrong with the disk of a place, as of the last tenth of a second.

    Args:
        path: of the place.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told, self._until = "", 0.0

    def __call__(self) -> str:
        """What `shortage` says."""
        if time.monotonic() >= self._until:
            self._told, self._until = shortage(self._path), time.monotonic() + _LOOK_SECONDS
        return self._told


def shortage(path: Path, reserve: int = RESERVE) -> str:
    """What is wrong with the disk of a place, in one line, or nothing.

    Args:
        path: a file or a directory; the nearest one above if there is none.
        reserve: bytes that have to be free.
    """
    there = next((place for place in (path, *path.parents) if place.exists()), None)
    if there is None:
        return ""
    disk = os.statvfs(there)
    free = disk.f_bavail * disk.f_frsize
    if free < reserve:
        return f"the disk of {path} is full, with {free / 1000:,.0f} kB free (No space left on device)"
    if disk.f_files and not disk.f_favail:
        return f"the disk of {path} has no room for another file (No space left on device)"
    return ""
