"""Patches to ministack's CloudWatch."""

import time
from collections.abc import Callable
from typing import Any

from nrti_local.cloudwatch import metrics
from nrti_local.ministack.patch import Patch

_HOUR = 3600


def _once_an_hour(original: Callable[[], None]) -> Callable[[], None]:
    last = time.monotonic()

    def evict() -> None:
        nonlocal last
        if time.monotonic() - last >= _HOUR:
            last = time.monotonic()
            original()

    return evict


def _recorded(
    namespace: str, name: str, value: float, unit: str = "None", dimensions: dict[str, str] | None = None
) -> None:
    """Adds the metrics of ministack's services except Lambda's, which `lambda_.telemetry` counts."""
    if namespace != "AWS/Lambda" or name == "Throttles":
        metrics.add(namespace, name, value, unit, dimensions)


def _ignored(_alarm: dict[str, Any]) -> None:
    """Does nothing: `nrti_local.cloudwatch.alarms` evaluates the alarms."""


PATCHES = (
    Patch(
        "ministack.services.cloudwatch",
        "_evaluate_alarm",
        "Alarms ignore the dimensions of a metric, and missing data.",
        lambda _: _ignored,
    ),
    Patch(
        "ministack.services.cloudwatch",
        "_evict_old_metrics",
        "Every request copies the points of two weeks to drop older ones.",
        _once_an_hour,
    ),
    Patch(
        "ministack.services.cloudwatch",
        "record_metric",
        "It keeps four points of every Lambda invocation for two weeks, and counts some twice.",
        lambda _: _recorded,
    ),
)
