"""Counts what services measure, by the minute, where CloudWatch's own APIs find it."""

from __future__ import annotations

import threading
import time
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch

_MINUTE = 60
_lock = threading.Lock()
#: The points of the minute that runs, by everything that tells them apart.
_points: dict[tuple[Any, ...], dict[str, Any]] = {}


def add(
    namespace: str, name: str, value: float, unit: str = "None", dimensions: dict[str, str] | None = None
) -> None:
    """Adds one value to a metric of the account and region that the request is for.

    A value seen again in the same minute only counts up the point that stands for it (CloudWatch's own
    resolution is the minute too): otherwise memory would grow with every request.

    Args:
        namespace: such as `AWS/States`.
        name: of the metric.
        value: kept to three significant digits.
        unit: such as `Count` or `Milliseconds`.
        dimensions: names and values.
    """
    minute = int(time.time()) // _MINUTE * _MINUTE
    kept = float(f"{value:.3g}")
    named = dimensions or {}
    key = (minute, get_account_id(), get_region(), namespace, name, *named.items(), kept)
    with _lock:
        point = _points.get(key)
        if point is None:
            if _points and next(iter(_points))[0] != minute:
                _points.clear()
            point = {
                "Timestamp": minute,
                "Value": kept,
                "Count": 0.0,
                "Unit": unit,
                "Dimensions": dict(named),
            }
            _points[key] = point
            bucket = cloudwatch._metric_bucket((namespace, name, cloudwatch._dims_key(named)))  # noqa: SLF001
            bucket.append(point)
        point["Count"] += 1
