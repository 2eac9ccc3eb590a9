"""When requests are due.

The schedule is absolute: each due time is derived from the previous one, not from when something was sent. So
neither slow responses nor late timers change the rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Literal

#: Tolerance in seconds: far less than any gap, far more than the rounding errors.
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
        rate: events per second.
        arrivals: the distribution of the gaps.
        start: the first due time, in seconds on any clock.
        duration: seconds after which nothing is due, None for no end.
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
        """The due time of a request; None when the schedule has ended.

        Args:
            events: their number in the request; the gap after it is proportional.
            available: when the events were read. If live input is later than the schedule, the schedule
                continues from there, since they could not be sent before.
        """
        due = max(self._next, available)
        self._next = due + self._gap(events / self._rate)
        return due if due < self.end - _ROUNDING else None
