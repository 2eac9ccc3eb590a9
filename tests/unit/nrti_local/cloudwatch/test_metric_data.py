"""GetMetricData: metric math, searches, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.nrti_local.cloudwatch import metrics_api
from tests.unit.nrti_local.cloudwatch.metrics_api import START, Metrics

metrics = metrics_api.metrics
FAILURE, OTHER = "nrti-failure-v1 Invocations", "other Invocations"
PUMPS, ERRORS = "nrti-pumps Invocations", "nrti-pumps Model4XXErrors"


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("m1 + m2", [11, 33]),
        ("m1 / 2 - 1 * 3", [-2.5, -2, -1.5, -1]),
        ("2 ^ 3 ^ 0 * m1", [2, 4, 6, 8]),
        ("-(m1 - 1)", [0, -1, -2, -3]),
        ("100 * m1 / (m1 - 1)", [200, 150, 400 / 3]),
        ("m1 > 2", [0, 0, 1, 1]),
        ("m1 > 1 AND m1 < 4", [0, 1, 1, 0]),
        ("m1 == 1 || m1 >= 4", [1, 0, 0, 1]),
        ("IF(m1 > 2, m1, 0)", [0, 0, 3, 4]),
        ("IF(m1 > 2, m1)", [3, 4]),
        ("IF(m2, m2, 1)", [10, 30]),
        ("FILL(m2, 0)", [10, 0, 30, 0]),
        ("FILL(m2, REPEAT)", [10, 10, 30, 30]),
        ("FILL(m2, LINEAR)", [10, 20, 30]),
        ("m1 + FILL(m2, 0)", [11, 2, 33, 4]),
        ("SUM(METRICS())", [11, 2, 33, 4]),
        ("SUM([m1, m2])", [11, 2, 33, 4]),
        ("AVG(METRICS('m1'))", [1, 2, 3, 4]),
        ("MAX([m1, m2])", [10, 2, 30, 4]),
        ("m1 - AVG(m1)", [-1.5, -0.5, 0.5, 1.5]),
        ("m1 / SUM(m1)", [0.1, 0.2, 0.3, 0.4]),
        ("TIME_SERIES(MAX(m1))", [4, 4, 4, 4]),
        ("RATE(m1)", [1 / 60, 1 / 60, 1 / 60]),
        ("RATE(m2)", [20 / 120]),
        ("m1 / PERIOD(m1)", [1 / 60, 2 / 60, 3 / 60, 4 / 60]),
        ("DIFF(m2)", [20]),
        ("DIFF_TIME(m2)", [120]),
        ("RUNNING_SUM(m1)", [1, 3, 6, 10]),
        ("CEIL(m1 / 2)", [1, 1, 2, 2]),
        ("FLOOR(ABS(0 - m1) / 2)", [0, 1, 1, 2]),
        ("LOG10(m2 * 10)", [2, 2.4771212547196626]),
        ("FIRST(SORT([m1, m2], MAX, DESC))", [10, 30]),
        ("LAST(REMOVE_EMPTY([m1, m3]))", [1, 2, 3, 4]),
        ("FIRST(SLICE([m1, m2], 1))", [10, 30]),
        ("DATAPOINT_COUNT([m1, m2])", [2, 1, 2, 1]),
        ("DAY(m2) - DAY(m2)", [0, 0]),
        ("m3", []),
        ("m1 + m3", []),
    ],
)
def test_metric_math(metrics: Metrics, expression: str, values: list[float]) -> None:
    metrics.put("A", 1, 2, 3, 4)
    metrics.put("B", 10)
    data = [{"MetricName": "B", "Value": 30, "Timestamp": START + 120}]
    metrics.send("PutMetricData", Namespace=metrics.namespace, MetricData=data)
    named = [metrics.query("A", "m1"), metrics.query("B", "m2"), metrics.query("None", "m3")]

    (result,) = metrics.data(*named, {"Id": "e1", "Expression": expression})

    assert result["Values"] == pytest.approx(values)
    assert (result["Id"], result["Label"], result["StatusCode"]) == ("e1", "e1", "Complete")


def test_expressions_refer_to_each_other_and_have_labels(metrics: Metrics) -> None:
    metrics.put("A", 1, 2)
    queries: list[dict[str, Any]] = [
        {"Id": "e2", "Expression": "e1 * 2", "Label": "Twice"},
        {"Id": "e1", "Expression": "m1 + 1", "ReturnData": False},
        {**metrics.query("A"), "ReturnData": True},
    ]

    found = metrics.data(*queries, ScanBy="TimestampDescending")

    assert [(each["Id"], each["Label"], each["Values"]) for each in found] == [
        ("e2", "Twice", [6, 4]),
        ("m1", "A", [2, 1]),
    ]
    assert metrics.send("GetMetricData", MetricDataQueries=queries, StartTime=START, EndTime=START + 120)[
        "MetricDataResults"
    ][1]["Timestamps"] == [START + 60, START], "the newest come first"


@pytest.mark.parametrize(
    ("pairs", "labels"),
    [
        ([("Sum", 60), ("Minimum", 60)], ["A Sum", "A Minimum"]),
        ([("Sum", 60), ("Sum", 120)], ["A 60", "A 120"]),
        ([("Sum", 60), ("Minimum", 120)], ["A Sum 60", "A Minimum 120"]),
        ([("Sum", 60), ("Sum", 60)], ["A", "A"]),
    ],
)
def test_labels_say_what_differs(metrics: Metrics, pairs: list[tuple[str, int]], labels: list[str]) -> None:
    """As LocalStack's tests recorded it on AWS."""
    queries = [
        {**metrics.query("A", f"m{place}", stat), "ReturnData": True} for place, (stat, _) in enumerate(pairs)
    ]
    for query, (_, period) in zip(queries, pairs, strict=True):
        query["MetricStat"]["Period"] = period

    assert [each["Label"] for each in metrics.data(*queries)] == labels


def test_of_several_units_the_first_counts(metrics: Metrics) -> None:
    """As LocalStack's tests recorded it on AWS."""
    for unit, value in (("Milliseconds", 60000), ("Seconds", 60)):
        metrics.put("Time", value, unit=unit)
    query = {**metrics.query("Time"), "ReturnData": True}

    (time,) = metrics.data(query)
    metrics.put("Time", 5, unit="Count")
    (count,) = metrics.data(query)

    assert time["Values"] == [60000]
    assert time["Messages"][0]["Value"] == "Multiple units returned: '[Milliseconds, Seconds]'"
    assert count["Values"] == [5]
    assert count["Messages"] == [
        {"Code": "MultipleUnits", "Value": "Multiple units returned: '[Count, Milliseconds, Seconds]'"}
    ]


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ('EndpointName=nrti MetricName="Invocations"', [FAILURE, PUMPS]),
        ('EndpointName="nrti-pumps"', [PUMPS, ERRORS]),
        ('EndpointName="nrti-"', []),
        ("pumps NOT MetricName=Invocations", [ERRORS]),
        ("MetricName=(Invocations OR Errors) AND failure", [FAILURE]),
        ("model4xx", [ERRORS]),
        ("EndpointName=other", [OTHER]),
        ("", [FAILURE, PUMPS, ERRORS, OTHER]),
    ],
)
def test_search(metrics: Metrics, terms: str, found: list[str]) -> None:
    metrics.put("Invocations", 1, EndpointName="nrti-failure-v1")
    metrics.put("Invocations", 2, EndpointName="nrti-pumps")
    metrics.put("Model4XXErrors", 3, EndpointName="nrti-pumps")
    metrics.put("Invocations", 4, EndpointName="other")
    metrics.put("Invocations", 5, EndpointName="nrti-pumps", Variant="other dimensions")
    search = f"SEARCH('{{{metrics.namespace},EndpointName}} {terms}', 'Sum', 60)"

    results = metrics.data({"Id": "e1", "Expression": search})

    assert sorted(each["Label"] for each in results) == found
    (total,) = metrics.data({"Id": "e1", "Expression": f"SUM({search})"})
    assert bool(total["Values"]) == bool(found)


@pytest.mark.parametrize(
    "expression",
    [
        "m1 +",
        "m1 m1",
        "m1 ~ 2",
        "(m1",
        "unknown + 1",
        "e1 + 1",
        "SUM(m1)",
        "1 + 1",
        "NOSUCH(m1)",
        "ANOMALY_DETECTION_BAND(m1, 2)",
        "SELECT AVG(x) FROM y",
        "RATE()",
        "RATE(1)",
        "FILL(m1)",
        "METRICS() + METRICS()",
        "SEARCH('{N} x', 'Sum', m1)",
        "SEARCH('(x', 'Sum', 60)",
        "IF('x', 1, 2)",
        "SORT([m1], MEAN, ASC)",
    ],
)
def test_wrong_expressions_are_refused(metrics: Metrics, expression: str) -> None:
    metrics.put("A", 1)

    found = metrics.data(metrics.query("A"), {"Id": "e1", "Expression": expression})

    assert found == "ValidationError"


@pytest.mark.parametrize(
    "change",
    [
        {"Id": "M1"},
        {"ReturnData": False},
        {"Expression": "1"},
        {"Label": "${MAX}"},
        {"AccountId": "111111111111"},
    ],
)
def test_wrong_queries_for_data(metrics: Metrics, change: dict[str, Any]) -> None:
    query = {**metrics.query("A"), "ReturnData": True, **change}

    assert metrics.data(query) == "ValidationError"
    assert metrics.data(metrics.query("A"), {**query, "Id": "m1"}) == "ValidationError"


def test_an_answer_in_pages(metrics: Metrics) -> None:
    metrics.put("A", 1, 2)
    metrics.put("B", 3, 4)
    request = {
        "MetricDataQueries": [{**metrics.query(n, n.lower()), "ReturnData": True} for n in ("A", "B")],
        "StartTime": START,
        "EndTime": START + 240,
        "ScanBy": "TimestampAscending",
        "MaxDatapoints": 3,
    }

    first = metrics.send("GetMetricData", **request)
    second = metrics.send("GetMetricData", **request, NextToken=first["NextToken"])

    assert [each["Values"] for each in first["MetricDataResults"]] == [[1, 2], [3]]
    assert [each["StatusCode"] for each in first["MetricDataResults"]] == ["Complete", "PartialData"]
    assert [each["Values"] for each in second["MetricDataResults"]] == [[], [4]]
    assert metrics.send("GetMetricData", **request, NextToken="other") == "InvalidNextToken"
