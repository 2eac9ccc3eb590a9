"""GetMetricStatistics and GetMetricData: statistics, metric math, and what is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.model import ServiceModel, StructureShape
from botocore.parsers import create_parser

from nrti_local.server.sdk import MODELS
from tests.unit.nrti_local.cloudwatch import metrics_api
from tests.unit.nrti_local.cloudwatch.metrics_api import START, Metrics

metrics = metrics_api.metrics
NOTHING = StructureShape("None", {"type": "structure", "members": {}})
FAILURE, OTHER = "nrti-failure-v1 Invocations", "other Invocations"
PUMPS, ERRORS = "nrti-pumps Invocations", "nrti-pumps Model4XXErrors"


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


def test_a_form_is_answered_in_xml(metrics: Metrics) -> None:
    metrics.put("Ms", 4, Path="/a & b")
    form = (
        f"Action=GetMetricStatistics&Namespace={metrics.namespace}&MetricName=Ms&Period=60&StartTime={START}"
        f"&EndTime={START + 60}&Statistics.member.1=Sum&ExtendedStatistics.member.1=p90"
        "&Dimensions.member.1.Name=Path&Dimensions.member.1.Value=%2Fa+%26+b"
    )
    kind = {"content-type": "application/x-www-form-urlencoded"}

    status, _, body = metrics.raw(kind, form.encode())
    refused = metrics.raw(kind, form.replace("Period=60", "Period=7").encode())

    assert status == 200
    shape = MODELS.load_service_model("cloudwatch", "service-2")
    output = ServiceModel(shape).operation_model("GetMetricStatistics").output_shape
    assert output is not None
    answer = create_parser("query").parse({"status_code": 200, "headers": {}, "body": body}, output)
    (found,) = answer["Datapoints"]
    assert (found["Sum"], found["ExtendedStatistics"], found["Unit"]) == (4, {"p90": 4}, "None")
    assert (answer["Label"], found["Timestamp"].timestamp()) == ("Ms", START)
    assert refused[0] == 400
    assert b"<Code>InvalidParameterValue</Code>" in refused[2]


def _asked_by_form(metrics: Metrics, operation: str, **fields: str) -> Any:
    """What a client reads that sends forms."""
    kind = {"content-type": "application/x-www-form-urlencoded"}
    form = urlencode({"Action": operation, **{name.replace("_", "."): each for name, each in fields.items()}})
    status, headers, body = metrics.raw(kind, form.encode())
    output = ServiceModel(MODELS.load_service_model("cloudwatch", "service-2")).operation_model(operation)
    response = {"status_code": status, "headers": headers, "body": body}
    return create_parser("query").parse(response, output.output_shape or NOTHING)


def test_forms_say_all_that_json_does(metrics: Metrics) -> None:
    metrics.put("Ms", 4, Path="/a")
    metrics.put("Ms", 4, Path="/b")
    alarm = {
        "AlarmName": metrics.namespace,
        "Namespace": metrics.namespace,
        "MetricName": "Ms",
        "Statistic": "Sum",
        "Period": "60",
        "EvaluationPeriods": "1",
        "Threshold": "1.5",
        "ComparisonOperator": "GreaterThanThreshold",
        "ActionsEnabled": "false",
        "InsufficientDataActions_member_1": "arn:aws:sns:us-east-1:000000000000:topic",
    }

    assert "Error" not in _asked_by_form(metrics, "PutMetricAlarm", **alarm)
    (found,) = _asked_by_form(metrics, "DescribeAlarms", AlarmNames_member_1=metrics.namespace)[
        "MetricAlarms"
    ]
    listed = _asked_by_form(
        metrics,
        "ListMetrics",
        Namespace=metrics.namespace,
        Dimensions_member_1_Name="Path",
        Dimensions_member_1_Value="/b",
    )

    assert (found["Threshold"], found["ActionsEnabled"], found["Period"]) == (1.5, False, 60)
    assert len(found["InsufficientDataActions"]) == 1
    assert [metric["Dimensions"] for metric in listed["Metrics"]] == [[{"Name": "Path", "Value": "/b"}]]
    refused = _asked_by_form(metrics, "SetAlarmState", AlarmName="none", StateValue="OK", StateReason="r")
    assert refused["Error"]["Code"] == "ResourceNotFound"
    unknown = metrics.raw({"content-type": "application/x-www-form-urlencoded"}, b"Action=NoSuch")
    assert b"Unknown action: NoSuch" in unknown[2]


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
