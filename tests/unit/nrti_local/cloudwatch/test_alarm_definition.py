"""Alarms that the embedded AWS would not evaluate as they are written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.nrti_local.cloudwatch import metrics_api
from tests.unit.nrti_local.cloudwatch.metrics_api import Metrics

metrics = metrics_api.metrics
ALARM = {
    "AlarmName": "a",
    "Namespace": "N",
    "MetricName": "M",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 0,
}


@pytest.mark.parametrize(
    "change",
    [
        {"Metrics": [{"Id": "e1", "Expression": "m1"}]},
        {"ThresholdMetricId": "e1"},
        {"EvaluateLowSampleCountPercentile": "ignore"},
        {"ComparisonOperator": "GreaterThanUpperThreshold"},
        {"MetricName": None},
        {"ExtendedStatistic": "p99"},
        {"Statistic": None, "ExtendedStatistic": "tm99"},
        {"DatapointsToAlarm": 3},
        {"TreatMissingData": "nothing"},
        {"ComparisonOperator": "Greater"},
        {"EvaluationPeriods": 0},
    ],
)
def test_alarms_that_would_be_another_one_are_refused(metrics: Metrics, change: dict[str, Any]) -> None:
    request = {name: value for name, value in {**ALARM, **change}.items() if value is not None}

    assert metrics.send("PutMetricAlarm", **request) == "ValidationError"
    assert metrics.send("DescribeAlarms", AlarmNames=["a"])["MetricAlarms"] == []
    assert metrics.send("SetAlarmState", AlarmName="a", StateValue="BAD", StateReason="") == "ValidationError"
