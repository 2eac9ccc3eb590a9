"""What the stack has for its operators: alarms, their subscriber, the dashboard, the access log."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.assets import asset
from nrti_cli.stack.template import parse

TEMPLATE = parse(asset("cloudformation/pipeline.yaml").read_text())
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
ALARMS = {
    name: each["Properties"] for name, each in RESOURCES.items() if each["Type"] == "AWS::CloudWatch::Alarm"
}
EMBEDDED = Path(__file__).parents[2] / "src" / "nrti_local"
BODY = RESOURCES["OperationsDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
#: What each service counts by: a metric with other dimensions does not exist, and its alarm never goes off.
DIMENSIONS = {
    "AWS/ApiGateway": ["ApiName", "Stage"],
    "AWS/DynamoDB": ["TableName"],
    "AWS/Firehose": ["DeliveryStreamName"],
    "AWS/Kinesis": ["StreamName"],
    "AWS/Lambda": ["FunctionName"],
    "AWS/SQS": ["QueueName"],
    "AWS/States": ["StateMachineArn"],
}


def watched() -> set[tuple[str, str]]:
    return {(str(alarm["Namespace"]), alarm["MetricName"]) for alarm in ALARMS.values()}


@pytest.mark.parametrize(
    ("namespace", "metric"),
    [
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/States", "ExecutionsFailed"),
        ("AWS/States", "ExecutionsTimedOut"),
        ("AWS/ApiGateway", "5XXError"),
        ("AWS/ApiGateway", "4XXError"),
        ("AWS/Firehose", "DeliveryToS3.DataFreshness"),
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Duration"),
    ],
)
def test_an_alarm_watches(namespace: str, metric: str) -> None:
    assert (namespace, metric) in watched()


@pytest.mark.parametrize(
    "metric", sorted({metric for namespace, metric in watched() if namespace.startswith("AWS/")})
)
def test_the_embedded_aws_has_what_an_alarm_watches(metric: str) -> None:
    assert any(f'"{metric}"' in path.read_text() for path in EMBEDDED.rglob("*.py"))


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_is_on_a_metric_that_exists_and_notifies_the_topic(name: str) -> None:
    alarm = ALARMS[name]
    namespace = alarm["Namespace"]
    own = {"Fn::Sub": "nrti/${AWS::StackName}"}
    dimensions = [each["Name"] for each in alarm.get("Dimensions", [])]

    assert dimensions == ([] if namespace == own else DIMENSIONS[namespace])
    assert alarm["AlarmActions"] == {"Fn::If": ["Emailed", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
    assert alarm["AlarmDescription"].endswith(".")
    assert alarm["TreatMissingData"] == "notBreaching"  # a pipeline at rest is well


@pytest.mark.parametrize(
    ("name", "resource"),
    [("FailedLabelsAlarm", "LabelsStateMachine"), ("LabelConversionAlarm", "LabelsDeliveryStream")],
)
def test_labels_have_alarms_of_their_own(name: str, resource: str) -> None:
    assert [each["Value"] for each in ALARMS[name]["Dimensions"]] == [{"Ref": resource}]


def test_the_access_log_distinguishes_throttling_from_other_refusals() -> None:
    transformation = RESOURCES["ThrottledRequests"]["Properties"]["MetricTransformations"][0]
    alarm = ALARMS["ThrottledRequestsAlarm"]

    assert (transformation["MetricNamespace"], transformation["MetricName"]) == (
        alarm["Namespace"],
        alarm["MetricName"],
    )
    assert RESOURCES["ThrottledRequests"]["Condition"] == RESOURCES["ThrottledRequestsAlarm"]["Condition"]


def access_log() -> str:
    setting = RESOURCES["ApiStage"]["Properties"]["AccessLogSetting"]["Fn::If"][1]
    return str(setting["Format"])


def test_the_access_log_is_json_with_the_request_id_and_a_number_as_status() -> None:
    line = re.sub(r"\$context\.status", "429", access_log())
    written = json.loads(line)

    assert written["status"] == 429
    assert written["request_id"] == "$context.extendedRequestId"


def test_the_access_log_does_not_have_the_api_key() -> None:
    assert not re.search(r"identity\.apiKey\b", access_log())


def metrics(widget: dict[str, Any]) -> Iterator[list[str]]:
    """Namespace, name and dimensions of what a widget draws; a dot repeats what stands above it."""
    above: list[str] = []
    for metric in widget["properties"]["metrics"]:
        names = [part for part in metric if isinstance(part, str)]
        above = [above[i] if name == "." else name for i, name in enumerate(names)]
        if names:
            yield above


def test_the_dashboard_draws_metrics_that_there_are() -> None:
    drawn = [metric for widget in json.loads(BODY)["widgets"] for metric in metrics(widget)]

    assert {metric[0] for metric in drawn} == set(DIMENSIONS)
    assert all(metric[2::2] == DIMENSIONS[metric[0]] for metric in drawn)


def test_the_dashboard_finds_the_endpoints_of_the_stack_by_itself() -> None:
    searches = re.findall(r"SEARCH\((.*?)\)", BODY)

    assert len(searches) == 4
    # CloudWatch takes a term in double quotes for the whole of a name.
    assert all(
        "{AWS/SageMaker,EndpointName,VariantName} EndpointName=${AWS::StackName} " in s for s in searches
    )


def test_the_dashboard_shows_what_the_alarms_watch() -> None:
    shown = set(re.findall(r'"([\w.]+)"', BODY))

    assert {metric for namespace, metric in watched() if namespace.startswith("AWS/")} <= shown


def test_only_cloudwatch_publishes_alarms_and_only_encrypted() -> None:
    topic, key = RESOURCES["AlarmTopic"], RESOURCES["AlarmKey"]["Properties"]
    (use,) = [each for each in key["KeyPolicy"]["Statement"] if "Service" in each["Principal"]]

    assert topic["Properties"]["KmsMasterKeyId"] == {"Ref": "AlarmKey"}
    assert use["Principal"]["Service"] == "cloudwatch.amazonaws.com"
    assert "aws:SourceAccount" in use["Condition"]["StringEquals"]
    assert key["EnableKeyRotation"] is True
