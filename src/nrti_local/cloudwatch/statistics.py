# ruff: noqa: SLF001
"""The statistics of metrics: reads the points that are kept, by period."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ministack.services import cloudwatch

from nrti_local.ministack.patch import private

PRIVATE = private("ministack.services.cloudwatch", "_dims_key", "_metrics")
_PERCENTILE = re.compile(r"p(\d{1,2}(\.\d+)?|100)")
#: A start is rounded down to the minute.
_MINUTE = 60
#: As recorded by LocalStack's tests on AWS: of points in several units, those in the first one count.
_UNITS = (  # noqa: SIM905 - a line each would be longer than the file
    "Megabits Terabits Gigabits Count Bytes Gigabytes Gigabytes/Second Kilobytes Kilobits/Second Terabytes "
    "Terabits/Second Bytes/Second Percent Megabytes Megabits/Second Milliseconds Microseconds "
    "Kilobytes/Second Gigabits/Second Megabytes/Second Bits Bits/Second Count/Second Seconds Kilobits "
    "Terabytes/Second None"
).split()

Point = Mapping[str, Any]


@dataclass(frozen=True)
class Metric:
    """A metric: all of its dimensions identify it."""

    namespace: str
    name: str
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Statistics:
    """The statistics of some points, under CloudWatch's names in lower case."""

    count: float
    sum: float
    minimum: float
    maximum: float


def is_statistic(name: str) -> bool:
    """Whether the embedded AWS has a statistic: a basic one, or a percentile such as `p99.9`."""
    return name in _BASIC or bool(_PERCENTILE.fullmatch(name))


def points(metric: Metric, start: float, end: float, unit: str | None = None) -> list[Point]:
    """The points of a metric in this account and region.

    Args:
        metric: whose dimensions are exactly those that it was published with.
        start: the earliest time, in seconds since 1970.
        end: the first time that is no longer wanted.
        unit: of the points; None for any.
    """
    key = (metric.namespace, metric.name, cloudwatch._dims_key(dict(metric.dimensions)))
    return [
        point
        for point in cloudwatch._metrics.get(key) or ()
        if start <= point["Timestamp"] < end and unit in {None, point["Unit"]}
    ]


def existing() -> Iterator[Metric]:
    """All metrics with points in this account and region."""
    for (namespace, name, _), kept in list(cloudwatch._metrics.items()):
        if kept:
            yield Metric(namespace, name, kept[0]["Dimensions"])


def units(found: Iterable[Point]) -> list[str]:
    """The units of points, in the order in which CloudWatch prefers them."""
    there = {point["Unit"] for point in found}
    return [*(unit for unit in _UNITS if unit in there), *sorted(there - {*_UNITS})]


def begin(start: float) -> int:
    """Where the first period begins, if points are wanted from a time on."""
    return int(start) // _MINUTE * _MINUTE


def by_period(found: Iterable[Point], start: int, period: int) -> dict[int, list[Point]]:
    """Points by the beginnings of their periods, the first of which begins at `start`."""
    periods: dict[int, list[Point]] = defaultdict(list)
    for point in found:
        periods[start + int(point["Timestamp"] - start) // period * period].append(point)
    return dict(sorted(periods.items()))


def total(found: Iterable[Point]) -> Statistics:
    """The statistics of points."""
    parts = [part for part in map(_of_point, found) if part.count > 0]
    if not parts:
        return Statistics(0, 0, 0, 0)
    return Statistics(
        sum(part.count for part in parts),
        sum(part.sum for part in parts),
        min(part.minimum for part in parts),
        max(part.maximum for part in parts),
    )


def statistic(found: list[Point], name: str) -> float | None:
    """A statistic of points, such as `Sum` or `p99`; None if they have none.

    Args:
        found: the points of a period.
        name: for which `is_statistic` holds.
    """
    whole = total(found)
    if not whole.count:
        return None
    return _BASIC[name](whole) if name in _BASIC else _percentile(found, float(name[1:]))


_BASIC = {
    "SampleCount": lambda each: each.count,
    "Sum": lambda each: each.sum,
    "Average": lambda each: each.sum / each.count,
    "Minimum": lambda each: each.minimum,
    "Maximum": lambda each: each.maximum,
}


def _of_point(point: Point) -> Statistics:
    """A value that was seen so many times, or a set of statistics as it was published."""
    if (published := point.get("_stat")) is not None:
        names = ("SampleCount", "Sum", "Minimum", "Maximum")
        return Statistics(*(float(published.get(name, 0)) for name in names))
    count, value = float(point.get("Count", 1)), float(point["Value"])
    return Statistics(count, value * count, value, value)


def _percentile(found: list[Point], percent: float) -> float | None:
    """Between the two nearest values; None if one is negative, or is a set of different values."""
    parts = sorted((_of_point(point) for point in found), key=lambda part: part.minimum)
    if any(part.minimum < 0 or part.minimum != part.maximum for part in parts):
        return None
    rank = percent / 100 * max(sum(part.count for part in parts) - 1, 0)
    seen = 0.0
    for part, following in pairwise([*parts, parts[-1]]):
        seen += part.count
        if rank <= seen - 1:
            return part.minimum
        if rank < seen:
            return part.minimum + (following.minimum - part.minimum) * (rank - seen + 1)
    return parts[-1].maximum
