"""Which alarms are evaluated, and by which values."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from ministack.core.responses import request_scope

from nrti_local.cloudwatch import patches
from nrti_local.cloudwatch.alarms import watch
from tests.unit.nrti_local.cloudwatch.metrics_api import Metrics

ALARM = {
    "Period": 60,
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 10,
}


@pytest.fixture(autouse=True)
def _only_here() -> Iterator[None]:
    """Leaves the alarms to `watch` alone."""
    undo = [patch.apply() for patch in patches.PATCHES if patch.attribute == "_evaluate_alarm"]
    yield
    for each in undo:
        each()


def _evaluated(metrics: Metrics, **alarm: Any) -> dict[str, Any]:
    """An alarm in an account and region of its own, after the alarms were evaluated."""
    name = uuid4().hex
    request = {**ALARM, "AlarmName": name, "Namespace": metrics.namespace, "MetricName": "Ms", **alarm}
    assert metrics.send("PutMetricAlarm", **request) == {}
    with contextlib.suppress(TimeoutError):  # it evaluates them at once, and then every few seconds
        asyncio.run(asyncio.wait_for(watch.watch(), 0.01))
    (found,) = metrics.send("DescribeAlarms", AlarmNames=[name])["MetricAlarms"]
    return dict(found)


def _published(*values: float, unit: str = "Milliseconds") -> Metrics:
    metrics = Metrics(f"Test/{uuid4().hex}")
    data = [{"MetricName": "Ms", "Value": v, "Unit": unit, "Timestamp": int(time.time())} for v in values]
    metrics.send("PutMetricData", Namespace=metrics.namespace, MetricData=data)
    return metrics


def test_alarms_of_all_regions_that_have_some() -> None:
    with request_scope("000000000000", "ap-south-1"):
        alarm = _evaluated(_published(5, 50), Statistic="Maximum")

    assert alarm["StateValue"] == "ALARM"
    assert alarm["StateReason"].startswith("Threshold Crossed: 1 datapoint [50.0 (")
    assert json.loads(alarm["StateReasonData"])["evaluatedDatapoints"][0]["sampleCount"] == 2
    assert alarm["StateUpdatedTimestamp"] <= time.time()


def test_percentiles_and_units() -> None:
    with request_scope("000000000000", "ap-south-1"):
        median = _evaluated(_published(5, 50, 6), ExtendedStatistic="p50", TreatMissingData="notBreaching")
        other = _evaluated(_published(50), Statistic="Maximum", Unit="Seconds", TreatMissingData="breaching")

    assert median["StateValue"] == "OK"
    assert other["StateReason"].startswith("Threshold Crossed: no datapoints were received for 1 period")
    assert other["StateValue"] == "ALARM"


def test_an_alarm_on_a_metric_without_dimensions_has_no_others() -> None:
    metrics = _published(5)
    with request_scope("000000000000", "ap-south-1"):
        metrics.put("Ms", 50, Stage="other")
        alarm = _evaluated(metrics, Statistic="Maximum")

    assert alarm["StateValue"] == "INSUFFICIENT_DATA"
