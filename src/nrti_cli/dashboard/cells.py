"""Counts of predictions: how many, how many failures, and how probability and latency are distributed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

#: Bins of the probability, from 0 to 1; predicted failures have bins of their own after those of the others.
PROBABILITY_BINS = 20
#: Bins of the latency: so many a factor of ten, from 1 ms to 1,000 s.
LATENCY_BINS_PER_DECADE = 20
LATENCY_BINS = 6 * LATENCY_BINS_PER_DECADE

Histogram = dict[int, int]


class Series(NamedTuple):
    """What is counted apart from all else."""

    sensor: str
    model: str
    version: str


def probability_bin(probability: float, prediction: int) -> int:
    """The bin of a probability; 1 belongs to the last one."""
    return min(int(probability * PROBABILITY_BINS), PROBABILITY_BINS - 1) + prediction * PROBABILITY_BINS


def latency_bin(milliseconds: float) -> int:
    """The bin of a latency; what is shorter or longer than all bins is in the first or the last one."""
    if milliseconds <= 1:
        return 0
    return min(int(LATENCY_BINS_PER_DECADE * math.log10(milliseconds)), LATENCY_BINS - 1)


def latency_percentile(latency: Mapping[int, int], share: float) -> float | None:
    """The latency in milliseconds below which a share of all lies, exact to a bin; None of none.

    Args:
        latency: counts by bin.
        share: 0 to 1.
    """
    left = share * sum(latency.values())
    for place, count in sorted(latency.items()):
        if left <= count:
            return float(10 ** ((place + left / count) / LATENCY_BINS_PER_DECADE))
        left -= count
    return None


@dataclass(slots=True)
class Cell:
    """The counts of one series in one bucket.

    Attributes:
        count: predictions.
        failures: those that predict a failure.
        probability: how many by bin; a model without probabilities has none.
        latency: from the event to its prediction, how many by bin.
    """

    count: int = 0
    failures: int = 0
    probability: Histogram = field(default_factory=dict)
    latency: Histogram = field(default_factory=dict)

    def add(self, prediction: int, probability: float | None, milliseconds: float) -> None:
        """Counts one prediction."""
        self.count += 1
        self.failures += prediction
        if probability is not None:
            place = probability_bin(probability, prediction)
            self.probability[place] = self.probability.get(place, 0) + 1
        place = latency_bin(milliseconds)
        self.latency[place] = self.latency.get(place, 0) + 1

    def merge(self, other: Cell) -> None:
        """Adds the counts of another cell."""
        self.count += other.count
        self.failures += other.failures
        _merge(self.probability, other.probability)
        _merge(self.latency, other.latency)


def _merge(into: Histogram, other: Histogram) -> None:
    for place, count in other.items():
        into[place] = into.get(place, 0) + count
