"""Properties of a template that ministack's CloudFormation drops, applied by the API of each service."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ministack.services import apigateway_v1, cloudwatch_logs, dynamodb, kinesis, stepfunctions

from nrti_local.cloudformation import buckets
from nrti_local.cloudwatch.alarms import definition
from nrti_local.server.shared.ask import RefusedError, ask, ask_json

Properties = dict[str, Any]
#: Gives a resource its properties: by its physical id, the properties, and those of the deployment before,
#: which are empty for a new resource.
Configure = Callable[[str, Properties, Properties], None]


def _table(name: str, properties: Properties, before: Properties) -> None:
    _stream_to_kinesis(name, properties)
    recovery = properties.get("PointInTimeRecoverySpecification") or {}
    enabled = {"PointInTimeRecoveryEnabled": _true(recovery.get("PointInTimeRecoveryEnabled"))}
    _dynamodb("UpdateContinuousBackups", TableName=name, PointInTimeRecoverySpecification=enabled)
    encryption = properties.get("SSESpecification") or {}
    if encryption or before.get("SSESpecification"):
        specification = {**encryption, "Enabled": _true(encryption.get("SSEEnabled"))}
        _dynamodb("UpdateTable", TableName=name, SSESpecification=specification)
    _time_to_live(name, properties.get("TimeToLiveSpecification") or {})


def _time_to_live(table: str, specification: Properties) -> None:
    """Enables or disables a table's time to live; DynamoDB refuses a request that would change nothing."""
    found = _dynamodb("DescribeTimeToLive", TableName=table)["TimeToLiveDescription"]
    attribute, wanted = found.get("AttributeName", ""), _true(specification.get("Enabled"))
    if wanted != bool(attribute) or (wanted and attribute != specification["AttributeName"]):
        name = specification["AttributeName"] if wanted else attribute
        changed = {"AttributeName": name, "Enabled": wanted}
        _dynamodb("UpdateTimeToLive", TableName=table, TimeToLiveSpecification=changed)


def _stream_to_kinesis(table: str, properties: Properties) -> None:
    """Makes the destinations of a table what its KinesisStreamSpecification says."""
    wanted = properties.get("KinesisStreamSpecification") or {}
    arn = wanted.get("StreamArn")
    described = _dynamodb("DescribeKinesisStreamingDestination", TableName=table)
    destinations = described.get("KinesisDataStreamDestinations", ())
    active = {found["StreamArn"] for found in destinations if found["DestinationStatus"] == "ACTIVE"}
    for stale in active - {arn}:
        _dynamodb("DisableKinesisStreamingDestination", TableName=table, StreamArn=stale)
    if arn and arn not in active:
        precision = wanted.get("ApproximateCreationDateTimePrecision", "MILLISECOND")
        _dynamodb(
            "EnableKinesisStreamingDestination",
            TableName=table,
            StreamArn=arn,
            EnableKinesisStreamingConfiguration={"ApproximateCreationDateTimePrecision": precision},
        )


def _dynamodb(operation: str, **request: Any) -> Any:
    return _ask(dynamodb, f"DynamoDB_20120810.{operation}", request)


def _ask(service: ModuleType, operation: str, request: dict[str, Any]) -> Any:
    """As `ask_json`; the service's message becomes the reason of the resource's status."""
    try:
        return ask_json(service, operation, request)
    except RefusedError as error:
        raise ValueError(error.message) from error


def _stream(name: str, properties: Properties, before: Properties) -> None:
    encryption = properties.get("StreamEncryption")
    if encryption:
        _kinesis("StartStreamEncryption", StreamName=name, **encryption)
    elif before.get("StreamEncryption"):
        _kinesis("StopStreamEncryption", StreamName=name, **before["StreamEncryption"])
    count = properties.get("ShardCount")
    if before and count and str(count) != str(before.get("ShardCount")):
        _kinesis(
            "UpdateShardCount", StreamName=name, TargetShardCount=int(count), ScalingType="UNIFORM_SCALING"
        )


def _kinesis(operation: str, **request: Any) -> None:
    _ask(kinesis, f"Kinesis_20131202.{operation}", request)


def _api(api: str, properties: Properties, _before: Properties) -> None:
    endpoint = properties.get("EndpointConfiguration") or {}
    if endpoint:
        value = {"types": endpoint.get("Types", []), "vpcEndpointIds": endpoint.get("VpcEndpointIds", [])}
        _patch(f"/restapis/{api}", "replace", "/endpointConfiguration", value)


def _stage(name: str, properties: Properties, before: Properties) -> None:
    stage = f"/restapis/{properties['RestApiId']}/stages/{name}"
    setting = properties.get("AccessLogSetting")
    if setting:
        value = {"destinationArn": setting["DestinationArn"], "format": setting["Format"]}
        _patch(stage, "replace", "/accessLogSettings", value)
    elif before.get("AccessLogSetting"):
        _patch(stage, "remove", "/accessLogSettings")


def _method(_physical_id: str, properties: Properties, _before: Properties) -> None:
    """An update puts the method anew, so that there is nothing to take back."""
    if properties.get("RequestValidatorId"):
        resource = f"/restapis/{properties['RestApiId']}/resources/{properties['ResourceId']}"
        method = f"{resource}/methods/{properties.get('HttpMethod', 'ANY')}"
        _patch(method, "replace", "/requestValidatorId", properties["RequestValidatorId"])


def _patch(path: str, operation: str, member: str, value: Any = None) -> None:
    change = {"op": operation, "path": member, "value": value}
    ask(apigateway_v1, "PATCH", path, json.dumps({"patchOperations": [change]}).encode())


def _machine(arn: str, properties: Properties, _before: Properties) -> None:
    """Nothing reads the configuration as the template spells it. ministack takes back what is left out."""
    if properties.get("LoggingConfiguration"):
        request = {"stateMachineArn": arn, "loggingConfiguration": _camel(properties["LoggingConfiguration"])}
        _ask(stepfunctions, "AWSStepFunctions.UpdateStateMachine", request)


def _camel(value: Any) -> Any:
    """The properties of a template in the case of the API of Step Functions."""
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: _camel(item) for name, item in value.items()}
    return value == "true" if value in ("true", "false") else value


def _alarm(_name: str, properties: Properties, _before: Properties) -> None:
    if found := definition.problem(properties):
        raise ValueError(found)


def _metric_filter(name: str, properties: Properties, _before: Properties) -> None:
    """Puts it again by the API, which checks the pattern; ministack does not."""
    group = properties["LogGroupName"]
    named = {"logGroupName": group, "filterNamePrefix": name}
    found = _ask(cloudwatch_logs, "Logs_20140328.DescribeMetricFilters", named)["metricFilters"]
    (made,) = (each for each in found if each["filterName"] == name)
    members = ("filterName", "filterPattern", "logGroupName", "metricTransformations")
    _ask(cloudwatch_logs, "Logs_20140328.PutMetricFilter", {member: made[member] for member in members})


def _true(value: Any) -> bool:
    """Booleans of a template may be strings."""
    return str(value).lower() == "true"


BY_TYPE: dict[str, Configure] = {
    "AWS::ApiGateway::Method": _method,
    "AWS::ApiGateway::RestApi": _api,
    "AWS::ApiGateway::Stage": _stage,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::DynamoDB::Table": _table,
    "AWS::Kinesis::Stream": _stream,
    "AWS::Logs::MetricFilter": _metric_filter,
    "AWS::S3::Bucket": buckets.configure,
    "AWS::StepFunctions::StateMachine": _machine,
}
