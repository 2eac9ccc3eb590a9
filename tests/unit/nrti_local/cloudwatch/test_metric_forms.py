"""Requests as forms, which are answered in XML."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from botocore.model import ServiceModel, StructureShape
from botocore.parsers import create_parser

from nrti_local.server.shared.sdk import MODELS
from tests.unit.nrti_local.cloudwatch import metrics_api
from tests.unit.nrti_local.cloudwatch.metrics_api import START, Metrics

metrics = metrics_api.metrics
NOTHING = StructureShape("None", {"type": "structure", "members": {}})


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
