"""Statistics of counts, in plain Python: how different they are, and how probable that is by chance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import asin, ceil, exp, floor, inf, lgamma, log, sqrt

#: Added to each bin for the logarithm of the stability index.
_HALF = 0.5
#: The tail of a sum that no longer changes it.
_NEGLIGIBLE = 1e-12


def distance(first: Sequence[int], second: Sequence[int]) -> float:
    """The Kolmogorov-Smirnov distance of two histograms with the same bins, 0 to 1; 0 if one is empty."""
    one, other = sum(first), sum(second)
    if not one or not other:
        return 0.0
    pairs = zip(accumulate(first), accumulate(second), strict=True)
    return max(abs(a / one - b / other) for a, b in pairs)


def critical_distance(first: float, second: float, level: float) -> float:
    """The Kolmogorov-Smirnov distance of two samples that chance exceeds with at most this probability.

    Args:
        first: independent rows of one sample.
        second: of the other.
        level: the probability.
    """
    if not first or not second:
        return inf
    return sqrt(log(2 / level) / 2 * (1 / first + 1 / second))


def rows_for(critical: float, other: float, level: float) -> float:
    """The independent rows of a sample for a critical distance; infinite if the other sample is too small."""
    rest = 2 * critical**2 / log(2 / level) - (1 / other if other else inf)
    return 1 / rest if rest > 0 else inf


def stability_index(expected: Sequence[int], found: Sequence[int]) -> float:
    """The population stability index of two histograms with the same bins."""
    one, other = (sum(counts) + _HALF * len(counts) for counts in (expected, found))
    shares = [((a + _HALF) / one, (b + _HALF) / other) for a, b in zip(expected, found, strict=True)]
    return sum((b - a) * log(b / a) for a, b in shares)


def cohens_h(first: float, second: float) -> float:
    """The size of the difference of two proportions; 0.2 is called small."""
    return abs(2 * asin(sqrt(first)) - 2 * asin(sqrt(second)))


def chance_of_more(part: float, whole: float, other_part: float, other_whole: float) -> float:
    """The probability that a proportion is greater than another by chance; Fisher's exact test, one-sided.

    Fractions of rows, which come from correlated ones, are rounded so that the difference is smaller.

    Args:
        part: rows of a kind in the first sample.
        whole: its rows.
        other_part: rows of that kind in the second sample.
        other_whole: its rows.
    """
    hits, draws, others = floor(part), ceil(whole), floor(other_whole)
    kind = hits + min(ceil(other_part), others)
    total = draws + others
    if hits * total <= kind * draws:
        return 1.0
    term = exp(_choices(kind, hits) + _choices(total - kind, draws - hits) - _choices(total, draws))
    chance = term
    for more in range(hits, min(kind, draws)):
        term *= (kind - more) * (draws - more) / ((more + 1) * (total - kind - draws + more + 1))
        chance += term
        if term < _NEGLIGIBLE * chance:
            break
    return chance


def _choices(of: int, some: int) -> float:
    """The logarithm of a binomial coefficient."""
    return lgamma(of + 1) - lgamma(some + 1) - lgamma(of - some + 1)
