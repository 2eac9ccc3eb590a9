# ruff: noqa: SLF001
"""Counts metrics by the minute, in the store that CloudWatch's APIs read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch

from nrti_local.ministack.patch import private

PRIVATE = private("ministack.services.cloudwatch", "_dims_key", "_metric_bucket")
_MINUTE = 60
#: The most frequent values, which have no digits to drop.
_EXACT = frozenset({0, 1})
_lock = threading.Lock()
#: The points of the current minute, by name, value, and what they have in common.
_points: dict[tuple[Any, ...], dict[str, Any]] = {}


def add(
    namespace: str,
    name: str,
    value: float,
    unit: str = "None",
    dimensions: dict[str, str] | None = None,
    *,
    exact: bool = False,
) -> None:
    """Adds one value to a metric, in the account and region of the current request.

    A value that occurs again in the same minute only increases the count of its point; CloudWatch's
    resolution is the minute too. Otherwise each request would take memory.

    Args:
        namespace: such as `AWS/States`.
        name: of the metric.
        value: rounded to three significant digits, unless it is `exact`.
        unit: such as `Count` or `Milliseconds`.
        dimensions: names and values.
        exact: keeps all digits, at the price of a point for each value.
    """
    add_all(namespace, ((name, value, unit),), dimensions, exact=exact)


def add_all(
    namespace: str,
    values: Iterable[tuple[str, float, str]],
    dimensions: dict[str, str] | None = None,
    *,
    exact: bool = False,
) -> None:
    """Adds one value each to several metrics of the same dimensions, as `add` does: name, value and unit."""
    minute = int(time.time()) // _MINUTE * _MINUTE
    named = dimensions or {}
    common = (minute, get_account_id(), get_region(), namespace, *named.items())
    with _lock:
        for name, value, unit in values:
            kept = value if exact or value in _EXACT else float(f"{value:.3g}")
            point = _points.get((name, kept, common))
            if point is None:
                point = _new_point(name, kept, unit, named, common)
            point["Count"] += 1


def _new_point(
    name: str, value: float, unit: str, dimensions: dict[str, str], common: tuple[Any, ...]
) -> dict[str, Any]:
    minute, namespace = common[0], common[3]
    if _points and next(iter(_points))[2][0] != minute:
        _points.clear()
    point = {
        "Timestamp": minute,
        "Value": float(value),
        "Count": 0.0,
        "Unit": unit,
        "Dimensions": dict(dimensions),
    }
    _points[name, value, common] = point
    key = (namespace, name, cloudwatch._dims_key(dimensions))
    cloudwatch._metric_bucket(key).append(point)
    return point
