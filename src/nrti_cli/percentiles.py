"""Percentiles by nearest rank: always a value that occurred, so that few values do not look too good."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ddsketch import LogCollapsingLowestDenseDDSketch

#: Up to this many values are kept; beyond it, percentiles come from buckets.
_EXACT = 10_000
#: The relative error of the buckets; 2,048 of them span more than 15 decades.
_ACCURACY = 0.01
_BUCKETS = 2048


def _rank(count: int, percent: float) -> int:
    """The index of a percentile among this many ordered values."""
    return max(math.ceil(count * percent / 100), 1) - 1


def nearest_rank(ordered: Sequence[float], percent: float) -> float:
    """The smallest of the ordered values that at least `percent` of them do not exceed.

    Raises:
        IndexError: there are no values.
    """
    return ordered[_rank(len(ordered), percent)]


class Percentiles:
    """Percentiles of a stream of values, in constant memory.

    Attributes:
        count: number of values.
        largest: the largest value; 0 if there is none.
    """

    def __init__(self) -> None:
        self.count = 0
        self.largest = 0.0
        self._values: list[float] = []
        self._sketch = LogCollapsingLowestDenseDDSketch(_ACCURACY, bin_limit=_BUCKETS)

    def add(self, value: float, times: int = 1) -> None:
        """Adds a value that occurred `times` times."""
        self.count += times
        self.largest = max(value, self.largest)
        self._sketch.add(value, times)
        if self.count <= _EXACT:
            self._values += [value] * times
        elif self._values:
            self._values = []

    def at(self, percent: float) -> float | None:
        """The percentile, or None without values."""
        if not self.count:
            return None
        if self._values:
            self._values.sort()
            return nearest_rank(self._values, percent)
        # The sketch counts ranks from 0 to count - 1.
        share = _rank(self.count, percent) / (self.count - 1)
        return min(float(self._sketch.get_quantile_value(share) or 0), self.largest)
