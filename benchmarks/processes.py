"""What all processes of an embedded AWS use, as Linux counts it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


class Family:
    """The server of a home directory with its children, the producer not among them.

    Args:
        home: the `$NRTI_HOME` that they have in their environment.
    """

    def __init__(self, home: Path) -> None:
        self._mark = f"NRTI_HOME={home}\0".encode()
        self._used: dict[str, float] = {}

    def processor_seconds(self) -> float:
        """What they have used so far, those that ended included as far as an earlier call saw them."""
        for process in self._members():
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            self._used[process.name] = (int(fields[11]) + int(fields[12])) / _TICKS
        return sum(self._used.values())

    def memory(self) -> tuple[float, float]:
        """Their resident memory in megabytes: pages counted in each, and pages that are shared once."""
        figures = [_rollup(process) for process in self._members()]
        return sum(each["Rss"] for each in figures), sum(each["Pss"] for each in figures)

    def _members(self) -> Iterator[Path]:
        for process in _PROC.iterdir():
            try:
                if process.name.isdigit() and self._mark in (process / "environ").read_bytes():
                    yield process
            except OSError:  # it ended, or belongs to another user
                continue


def _rollup(process: Path) -> dict[str, float]:
    lines = (process / "smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) / 1024 for name, _, rest in (line.partition(":") for line in lines)}
