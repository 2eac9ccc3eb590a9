"""Samples what the processes of an embedded AWS hold on to: memory, descriptors, threads, temporary files."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import psutil

from tests.chaos import processes
from tests.chaos.system import System
from tests.repeated import Repeated

#: A fork that writes a snapshot shares the server's memory and is gone in a moment.
_PASSING = {"snapshot"}


@dataclass
class Series:
    """One figure over time.

    Attributes:
        times: seconds on the monotonic clock.
        values: the figure at these times.
    """

    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def slope(self, since: float) -> float:
        """The growth per second, by least squares over what was sampled since a moment."""
        kept = [(t, v) for t, v in zip(self.times, self.values, strict=True) if t >= since]
        times, values = zip(*kept, strict=True)
        return float(np.polyfit(times, values, 1)[0]) if len(kept) > 1 else 0.0

    def level(self, since: float, until: float) -> float:
        """The median between two moments."""
        return float(
            np.median([v for t, v in zip(self.times, self.values, strict=True) if since <= t <= until])
        )


#: By role and figure, such as `("server", "memory")`; memory in bytes, all others are counts.
Figures = dict[tuple[str, str], Series]


class Vitals(Repeated):
    """Samples every so many seconds in a thread of its own, until the block ends."""

    def __init__(self, system: System, interval: float) -> None:
        self.figures: Figures = defaultdict(Series)
        self._system = system
        super().__init__(self._sample, interval)

    def _sample(self) -> None:
        now = time.monotonic()
        totals: dict[tuple[str, str], float] = defaultdict(float)
        for role, process in processes.all_of(self._system.pid):
            if role not in _PASSING:
                for figure, value in _held_by(process).items():
                    totals[role, figure] += value
        scratch = self._system.layout.scratch
        totals["all", "temporary files"] = sum(1 for path in scratch.rglob("*") if path.is_file())
        for key, value in totals.items():
            self.figures[key].times.append(now)
            self.figures[key].values.append(value)


def _held_by(process: psutil.Process) -> dict[str, float]:
    with contextlib.suppress(psutil.NoSuchProcess), process.oneshot():
        return {
            "memory": process.memory_info().rss,
            "file descriptors": process.num_fds(),
            "threads": process.num_threads(),
            "processes": 1,
        }
    return {}
