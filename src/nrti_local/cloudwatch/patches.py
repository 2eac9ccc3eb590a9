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
    """Adds what a service of ministack measures, but for Lambda's invocations: its API counts its own alone.

    What the workflow, a queue or a stream invokes is counted with its log, as all others are.
    """
    if namespace != "AWS/Lambda" or name == "Throttles":
        metrics.add(namespace, name, value, unit, dimensions)


def _not_at_all(_alarm: dict[str, Any]) -> None:
    """Leaves an alarm to `nrti_local.cloudwatch.alarms`."""


PATCHES = (
    Patch(
        "ministack.services.cloudwatch",
        "_evaluate_alarm",
        "Alarms mix up the dimensions of a metric, and take no notice of data that are missing.",
        lambda _: _not_at_all,
    ),
    Patch(
        "ministack.services.cloudwatch",
        "_evict_old_metrics",
        "Every request copies all points of two weeks to drop those that are older.",
        _once_an_hour,
    ),
    Patch(
        "ministack.services.cloudwatch",
        "record_metric",
        "It keeps four points of every Lambda invocation for two weeks.",
        lambda _: _recorded,
    ),
)
