"""The definition of an alarm: one metric that is compared with one threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nrti_local.cloudwatch import statistics
from nrti_local.cloudwatch.alarms.states import COMPARISONS

#: What ministack drops of an alarm.
_DROPPED = (
    "EvaluateLowSampleCountPercentile",
    "EvaluationCriteria",
    "EvaluationInterval",
    "EvaluationWindow",
    "Metrics",
    "ThresholdMetricId",
    "WarmUpConfiguration",
)
_REQUIRED = ("ComparisonOperator", "EvaluationPeriods", "MetricName", "Namespace", "Period", "Threshold")
_MISSING_DATA = {"breaching", "ignore", "missing", "notBreaching"}


def problem(alarm: Mapping[str, Any]) -> str:
    """What is wrong with an alarm, or would be ignored of it; empty if it can be evaluated.

    Args:
        alarm: the members of PutMetricAlarm, or the properties of a template, whose numbers may be texts.
    """
    for member in _DROPPED:
        if alarm.get(member):
            return f"{member} is not in the embedded AWS: an alarm has one metric and one threshold"
    for member in _REQUIRED:
        if alarm.get(member) is None:
            return f"The parameter {member} must be specified"
    if alarm["ComparisonOperator"] not in COMPARISONS:
        return f"ComparisonOperator {alarm['ComparisonOperator']} is not in the embedded AWS"
    if (missing := alarm.get("TreatMissingData", "missing")) not in _MISSING_DATA:
        return f"Invalid value for TreatMissingData: {missing}"
    if int(alarm.get("DatapointsToAlarm") or 1) > int(alarm["EvaluationPeriods"]):
        return "DatapointsToAlarm must not be greater than EvaluationPeriods"
    return _of_statistic(alarm.get("Statistic"), alarm.get("ExtendedStatistic"))


def _of_statistic(basic: str | None, extended: str | None) -> str:
    if bool(basic) == bool(extended):
        return "Exactly one of the parameters Statistic and ExtendedStatistic must be specified"
    if not statistics.is_statistic(basic or extended or ""):
        return f"The statistic {basic or extended} is not in the embedded AWS, or none at all"
    return ""
