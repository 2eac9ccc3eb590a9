"""Whether the disk has room: what could not be kept is refused, so that nothing is lost when it is full."""

from __future__ import annotations

import os
from pathlib import Path

#: Bytes that stay free, for the journal, the snapshots and the descriptions of what is under way.
RESERVE = 1_048_576


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
