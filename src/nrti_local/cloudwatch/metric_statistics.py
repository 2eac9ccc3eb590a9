"""GetMetricStatistics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nrti_local.cloudwatch import statistics
from nrti_local.server.shared.errors import ServiceError

Members = dict[str, Any]
#: Datapoints of one answer at most, and periods shorter than a minute, as on AWS.
_MOST, _SHORT_PERIODS = 1_440, {1, 5, 10, 20, 30}


def get_metric_statistics(request: Members) -> Members:
    """Answers GetMetricStatistics. As on AWS, the first period begins at the start, to the minute."""
    basic, extended = request.get("Statistics") or [], request.get("ExtendedStatistics") or []
    if not basic and not extended:
        raise ServiceError(
            "InvalidParameterCombination",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        )
    for name in extended:
        check_statistic(name, "ExtendedStatistics")
    period = check_period(request["Period"])
    start, end = check_times(request)
    if (end - start) / period > _MOST:
        raise ServiceError(
            "InvalidParameterCombination",
            f"You have requested up to {int((end - start) / period)} datapoints, which exceeds the limit of "
            f"{_MOST:,}. You may reduce the datapoints requested by increasing Period, or decreasing the "
            "time range.",
        )
    first = statistics.begin(start)
    found = statistics.points(metric_of(request), first, end, request.get("Unit"))
    datapoints = [
        _datapoint(at, unit, [point for point in points if point["Unit"] == unit], basic, extended)
        for at, points in statistics.by_period(found, first, period).items()
        for unit in dict.fromkeys(point["Unit"] for point in points)
    ]
    return {"Label": request["MetricName"], "Datapoints": datapoints}


def _datapoint(
    at: int, unit: str, points: list[statistics.Point], basic: list[str], extended: list[str]
) -> Members:
    made: Members = {"Timestamp": at, "Unit": unit}
    made |= {name: statistics.statistic(points, name) for name in basic}
    values = {name: statistics.statistic(points, name) for name in extended}
    known = {name: value for name, value in values.items() if value is not None}
    return made | ({"ExtendedStatistics": known} if known else {})


def metric_of(named: Mapping[str, Any]) -> statistics.Metric:
    """The metric that a request names; without dimensions it is the one that was published without."""
    dimensions = {each["Name"]: each["Value"] for each in named.get("Dimensions") or ()}
    return statistics.Metric(named["Namespace"], named["MetricName"], dimensions)


def check_statistic(name: str, member: str) -> None:
    """Refuses a statistic that the embedded AWS does not have."""
    if not statistics.is_statistic(name):
        raise ServiceError(
            "InvalidParameterValue",
            f"The value {name} for parameter {member} is not supported: the embedded AWS has SampleCount, "
            "Sum, Average, Minimum, Maximum, and percentiles such as p99.",
        )


def check_period(period: int) -> int:
    """The period in seconds, if it is one."""
    if period not in _SHORT_PERIODS and (period < 1 or period % 60):
        raise ServiceError(
            "InvalidParameterValue",
            f"The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60, and not {period}.",
        )
    return period


def check_times(request: Mapping[str, Any]) -> tuple[float, float]:
    """The start and the end of a request, if they are in order."""
    start, end = request["StartTime"], request["EndTime"]
    if start >= end:
        raise ServiceError(
            "InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime."
        )
    return float(start), float(end)
