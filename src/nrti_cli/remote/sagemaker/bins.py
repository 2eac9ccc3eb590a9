"""Bins for the values of a column, and what their counts say, in plain Python.

Training and `nrti drift` make references by the same functions.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import floor, log10, ulp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The quantiles between which the bins are.
DECILES = tuple(tenth / 10 for tenth in range(1, 10))
#: Edges are rounded to this share of the range, at most: the query that counts later events contains them.
_DIGITS = 4
#: The fewest blocks whose differences are looked at, and how many of the shortest make one of the longest.
_FEWEST, _MERGED = 10, (1, 2, 4, 8)
#: The number of the shortest blocks.
BLOCKS = _FEWEST * _MERGED[-1]


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


def design_effect(blocks: Sequence[Sequence[int]]) -> float:
    """How many neighbouring rows hold as much information as an independent one; Kish's design effect.

    It is the variance of the cumulative shares between blocks, in units of that of independent rows. Rows
    that resemble their neighbours make it larger, the more so the longer the blocks, until these are
    longer than what connects the rows. The largest of several lengths counts.

    Args:
        blocks: the counts of the bins in each block of neighbouring rows, in their order.
    """
    merged = (_merged(blocks, size) for size in _MERGED)
    return max([1.0, *(_effect(each) for each in merged if len(each) >= _FEWEST)])


def _merged(blocks: Sequence[Sequence[int]], size: int) -> list[list[int]]:
    starts = range(0, len(blocks) - size + 1, size)
    return [[sum(counts) for counts in zip(*blocks[start : start + size], strict=True)] for start in starts]


def _effect(blocks: Sequence[Sequence[int]]) -> float:
    used = [each for each in blocks if sum(each)]
    expected = _shares([sum(counts) for counts in zip(*used, strict=True)])
    of_row = sum(share * (1 - share) for share in expected)
    if len(used) < 2 or not of_row:
        return 1.0
    between = sum(
        sum(each) * sum((one - other) ** 2 for one, other in zip(_shares(each), expected, strict=True))
        for each in used
    )
    return between / (len(used) - 1) / of_row


def _shares(counts: Sequence[int]) -> list[float]:
    whole = sum(counts)
    return [part / whole for part in accumulate(counts)]
