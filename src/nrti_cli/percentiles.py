"""Percentiles by nearest rank: a value that occurred, so that those of few values do not show too little."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ddsketch import LogCollapsingLowestDenseDDSketch

#: Values that are kept as they are; from then on percentiles come from buckets.
_EXACT = 10_000
#: Then they are off by at most this much of their value; 2,048 buckets of it span more than 15 decades.
_ACCURACY = 0.01
_BUCKETS = 2048


def _rank(count: int, percent: float) -> int:
    """The place of a percentile in so many ordered values, from 0."""
    return max(math.ceil(count * percent / 100), 1) - 1


def nearest_rank(ordered: Sequence[float], percent: float) -> float:
    """The least of some values, in their order, that so many percent of them do not exceed.

    Raises:
        IndexError: there are none.
    """
    return ordered[_rank(len(ordered), percent)]


class Percentiles:
    """Percentiles of values that come one by one, in a memory that does not grow with them.

    Attributes:
        count: how many values there were.
        largest: of them; 0 before the first.
    """

    def __init__(self) -> None:
        self.count = 0
        self.largest = 0.0
        self._values: list[float] = []
        self._sketch = LogCollapsingLowestDenseDDSketch(_ACCURACY, bin_limit=_BUCKETS)

    def add(self, value: float, times: int = 1) -> None:
        """Takes a value that occurred so many times."""
        self.count += times
        self.largest = max(value, self.largest)
        self._sketch.add(value, times)
        if self.count <= _EXACT:
            self._values += [value] * times
        elif self._values:
            self._values = []

    def at(self, percent: float) -> float | None:
        """A percentile, None before the first value."""
        if not self.count:
            return None
        if self._values:
            self._values.sort()
            return nearest_rank(self._values, percent)
        # The sketch counts its ranks from 0 to count - 1.
        share = _rank(self.count, percent) / (self.count - 1)
        return min(float(self._sketch.get_quantile_value(share) or 0), self.largest)
