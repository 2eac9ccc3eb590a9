"""When requests are due.

The schedule is absolute: each time follows from the one before and not from when anything was sent, so
neither a slow answer nor a late timer changes the rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Literal

#: In seconds; far less than any gap, far more than what the additions lose.
_ROUNDING = 1e-6

Arrivals = Literal["uniform", "poisson", "steady"]


def _gap(arrivals: Arrivals, rng: Random) -> Callable[[float], float]:
    """Draws a gap with the given mean, in seconds."""
    if arrivals == "steady":
        return lambda mean: mean
    if arrivals == "poisson":
        return lambda mean: rng.expovariate(1 / mean)
    return lambda mean: rng.uniform(0, 2 * mean)


class Schedule:
    """Due times of successive requests; the first is due at once.

    Args:
        rate: events a second.
        arrivals: how the gaps are distributed around their mean.
        start: the first due time, in seconds on any clock.
        duration: seconds after which nothing is due any more, None for no end.
        rng: draws the gaps.
    """

    def __init__(
        self, rate: float, arrivals: Arrivals, *, start: float, duration: float | None, rng: Random
    ) -> None:
        self._rate = rate
        self._gap = _gap(arrivals, rng)
        self._next = start
        self.end = math.inf if duration is None else start + duration

    def due(self, events: int, available: float = -math.inf) -> float | None:
        """When a request with so many events is due; None once the schedule has ended.

        Args:
            events: how many it carries; the gap after it grows with them.
            available: when the events came into being. Live input can be later than the schedule, which
                then continues from there: nobody could have sent them before.
        """
        due = max(self._next, available)
        self._next = due + self._gap(events / self._rate)
        return due if due < self.end - _ROUNDING else None
