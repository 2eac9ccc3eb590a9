"""Sensors that have stopped sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

#: The probability of a false alarm, for all sensors together.
_LEVEL = 0.001


def silent_sensors(events: Mapping[str, Sequence[int]]) -> list[str]:
    """The sensors that sent in the period before, and do not in this one, those with the most events first.

    If a sensor sends at random at the same rate in both periods, all its n events are in the first one with
    probability 0.5 to the power of n.

    Args:
        events: for each sensor their number in the period before, and in this one.
    """
    least = log2(max(len(events), 1) / _LEVEL)
    found = {sensor: before for sensor, (before, now) in events.items() if before >= least and not now}
    return sorted(found, key=lambda sensor: (-found[sensor], sensor))
