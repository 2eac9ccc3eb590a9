"""The outline of a long sequence, for a small drawing of it."""

from __future__ import annotations

from collections.abc import Sequence

#: Steps of an outline at most: twice as many as it is parts, each with its lowest and its highest value.
_STEPS = 120


def outline(values: Sequence[float], channels: int | None) -> Sequence[float]:
    """The lowest and the highest value of each part of a sequence, channel by channel; all of a short one.

    Args:
        values: as stored: step by step, all channels of a step together.
        channels: their number; None for one.

    Returns:
        Values in the same order, of at most 120 steps.
    """
    width = channels or 1
    steps = len(values) // width
    if steps <= _STEPS:
        return values
    drawn = [_extremes(values[channel::width]) for channel in range(width)]
    return [value for step in zip(*drawn, strict=True) for value in step]


def _extremes(values: Sequence[float]) -> list[float]:
    parts = _STEPS // 2
    found: list[float] = []
    for part in range(parts):
        span = range(part * len(values) // parts, (part + 1) * len(values) // parts)
        low, high = min(span, key=values.__getitem__), max(span, key=values.__getitem__)
        found += [values[place] for place in sorted((low, high))]
    return found
