"""Bins for the values of a column, in plain Python: training and `nrti drift` use the same."""

from __future__ import annotations

from itertools import pairwise
from math import floor, log10, ulp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The quantiles between which the bins are.
DECILES = tuple(tenth / 10 for tenth in range(1, 10))
#: Edges are rounded to this share of the range, at most: the query that counts later events contains them.
_DIGITS = 4


def edges(low: float, deciles: Sequence[float], high: float) -> list[float]:
    """The inner edges of the bins, in ascending order; a value equal to an edge is in the bin above it.

    The first bin is below the range, the last one above it. A value that is several deciles has a bin of its
    own, so that a change of its share is visible.

    Args:
        low: the least value.
        deciles: the quantiles.
        high: the greatest value.
    """
    step = _step(low, high)
    marks = [low, *deciles, high]
    frequent = [one for one, other in pairwise(marks) if one == other]
    at = {_multiple(mark, step) for mark in marks[:-1]}
    return sorted(at | {_multiple(mark, step, above=True) for mark in (*frequent, high)})


def _multiple(mark: float, step: float, *, above: bool = False) -> float:
    """The greatest multiple of a power of ten up to a value, or the least one above it."""
    digits, number = round(-log10(step)), floor(mark / step)
    number += round(number * step, digits) <= mark
    number -= round(number * step, digits) > mark
    return round((number + above) * step, digits)


def _step(low: float, high: float) -> float:
    """A power of ten, of which the edges are multiples; large enough for the precision of the values."""
    largest = max(abs(low), abs(high))
    size = max((high - low) or largest or 1.0, 10 ** (_DIGITS + 1) * ulp(largest))
    return float(10.0 ** (floor(log10(size)) - _DIGITS))
