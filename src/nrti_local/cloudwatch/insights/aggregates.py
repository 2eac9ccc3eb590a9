"""The functions of `stats`: from the values of a field in a group of rows, oldest first, to one value."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from typing import Any

from nrti_local.cloudwatch.insights.values import number, order, text


def _numeric(compute: Callable[[list[float]], Any]) -> Callable[[list[Any]], Any]:
    """Of the numbers among the values; missing if there are none."""

    def of_numbers(values: list[Any]) -> Any:
        found = [each for each in map(number, values) if each is not None]
        return compute(found) if found else None

    return of_numbers


def _first(choose: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    return lambda values: choose(values) if values else None


def percentile(values: list[Any], percent: float) -> float | None:
    """The value below which that percentage of the numbers lies: the nearest one of them."""
    found = sorted(each for each in map(number, values) if each is not None)
    if not found:
        return None
    return found[min(max(round(percent / 100 * len(found) + 0.5) - 1, 0), len(found) - 1)]


#: By name. A missing field is in no list of values.
AGGREGATES: Mapping[str, Callable[[list[Any]], Any]] = {
    "avg": _numeric(statistics.fmean),
    "count": len,
    "count_distinct": lambda values: len({text(value) for value in values}),
    "earliest": _first(lambda values: values[0]),
    "latest": _first(lambda values: values[-1]),
    "max": _first(lambda values: max(values, key=order)),
    "min": _first(lambda values: min(values, key=order)),
    "sortsfirst": _first(lambda values: min(values, key=order)),
    "sortslast": _first(lambda values: max(values, key=order)),
    "stddev": _numeric(statistics.pstdev),
    "sum": _numeric(sum),
}
