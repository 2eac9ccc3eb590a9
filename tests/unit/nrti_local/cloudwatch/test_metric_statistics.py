"""GetMetricStatistics: statistics by period, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.nrti_local.cloudwatch import metrics_api
from tests.unit.nrti_local.cloudwatch.metrics_api import START, Metrics

metrics = metrics_api.metrics


def test_a_metric_without_dimensions_is_another_one(metrics: Metrics) -> None:
    metrics.put("Count", 1)
    metrics.put("Count", 5, Stage="prod")

    assert [each["Sum"] for each in metrics.statistics("Count", "Sum")] == [1]
    found = metrics.statistics("Count", "Sum", Dimensions=[{"Name": "Stage", "Value": "prod"}])
    assert [each["Sum"] for each in found] == [5]
    assert metrics.statistics("Count", "Sum", Dimensions=[{"Name": "Stage", "Value": "none"}]) == []
    assert metrics.data({**metrics.query("Count"), "ReturnData": True})[0]["Values"] == [1]


def test_statistics_by_period_from_the_start_on(metrics: Metrics) -> None:
    metrics.put("Ms", 1, 2, 3, 4)

    found = metrics.statistics(
        "Ms",
        *("SampleCount", "Sum", "Average", "Minimum", "Maximum"),
        StartTime=START + 65,
        Period=120,
        ExtendedStatistics=["p50", "p100"],
    )

    assert [each["Timestamp"] for each in found] == [START + 60, START + 180]
    assert found[0] == {
        "Timestamp": START + 60,
        "Unit": "None",
        "SampleCount": 2,
        "Sum": 5,
        "Average": 2.5,
        "Minimum": 2,
        "Maximum": 3,
        "ExtendedStatistics": {"p50": 2.5, "p100": 3},
    }


def test_units_are_apart(metrics: Metrics) -> None:
    metrics.put("Size", 1, unit="Bytes")
    metrics.put("Size", 2, unit="Kilobytes")

    assert [(each["Unit"], each["Sum"]) for each in metrics.statistics("Size", "Sum")] == [
        ("Bytes", 1),
        ("Kilobytes", 2),
    ]
    assert [each["Sum"] for each in metrics.statistics("Size", "Sum", Unit="Kilobytes")] == [2]


def test_sets_of_statistics_and_counted_values(metrics: Metrics) -> None:
    data = [
        {"MetricName": "Set", "Timestamp": START, "Values": [1, 9], "Counts": [3, 1]},
        {
            "MetricName": "Set",
            "Timestamp": START,
            "StatisticValues": {"SampleCount": 2, "Sum": 10, "Minimum": 4, "Maximum": 6},
        },
    ]
    metrics.send("PutMetricData", Namespace=metrics.namespace, MetricData=data[:1])
    (counted,) = metrics.statistics("Set", "Average", ExtendedStatistics=["p50", "p99"])
    metrics.send("PutMetricData", Namespace=metrics.namespace, MetricData=data[1:])
    (mixed,) = metrics.statistics("Set", "SampleCount", "Maximum", ExtendedStatistics=["p50"])

    assert (counted["Average"], counted["ExtendedStatistics"]["p50"]) == (3, 1)
    assert 8 < counted["ExtendedStatistics"]["p99"] < 9
    assert (mixed["SampleCount"], mixed["Maximum"]) == (6, 9)
    assert "ExtendedStatistics" not in mixed


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"Statistics": None}, "InvalidParameterCombination"),
        ({"ExtendedStatistics": ["tm90"]}, "InvalidParameterValue"),
        ({"Period": 61}, "InvalidParameterValue"),
        ({"EndTime": START}, "InvalidParameterValue"),
        ({"StartTime": START - 100_000}, "InvalidParameterCombination"),
        ({"Statistics": ["Mean"]}, "ValidationError"),
        ({"StartTime": "yesterday"}, "SerializationException"),
    ],
)
def test_wrong_requests_for_statistics(metrics: Metrics, request_: dict[str, Any], code: str) -> None:
    assert metrics.statistics("Count", **{"Statistics": ["Sum"], **request_}) == code
