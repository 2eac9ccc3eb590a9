"""Patches to ministack's CloudFormation: properties that it forgets of what it makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.services import apigateway_v1, dynamodb, kinesis

from nrti_local.cloudformation import buckets
from nrti_local.cloudformation.stack_tags import tagged
from nrti_local.ministack.patch import Patch
from nrti_local.server.ask import ask, ask_json

Properties = dict[str, Any]
#: The physical id and the attributes of a resource.
Resource = tuple[str, dict[str, Any]]
#: Gives a resource its properties; the last are those of the deployment before, empty for a new resource.
Configure = Callable[[str, Properties, Properties], None]
_DYNAMODB = "DynamoDB_20120810"


def _table(name: str, properties: Properties, before: Properties) -> None:
    _stream_to_kinesis(name, properties)
    recovery = properties.get("PointInTimeRecoverySpecification") or {}
    enabled = {"PointInTimeRecoveryEnabled": _true(recovery.get("PointInTimeRecoveryEnabled"))}
    _dynamodb("UpdateContinuousBackups", TableName=name, PointInTimeRecoverySpecification=enabled)
    encryption = properties.get("SSESpecification") or {}
    if encryption or before.get("SSESpecification"):
        specification = {**encryption, "Enabled": _true(encryption.get("SSEEnabled"))}
        _dynamodb("UpdateTable", TableName=name, SSESpecification=specification)
    expiry = properties.get("TimeToLiveSpecification") or before.get("TimeToLiveSpecification")
    if expiry:
        enabled = {
            **expiry,
            "Enabled": _true((properties.get("TimeToLiveSpecification") or {}).get("Enabled")),
        }
        _dynamodb("UpdateTimeToLive", TableName=name, TimeToLiveSpecification=enabled)


def _dynamodb(operation: str, **request: Any) -> None:
    ask_json(dynamodb, f"{_DYNAMODB}.{operation}", request)


def _true(value: Any) -> bool:
    """CloudFormation's booleans may be strings."""
    return str(value).lower() == "true"


def _stream_to_kinesis(table: str, properties: Properties) -> None:
    """Makes the destinations of a table what its KinesisStreamSpecification says."""
    wanted = properties.get("KinesisStreamSpecification") or {}
    arn = wanted.get("StreamArn")
    destinations = dynamodb._kinesis_destinations.get(table, [])  # noqa: SLF001
    active = {found["StreamArn"] for found in destinations if found["DestinationStatus"] == "ACTIVE"}
    for stale in active - {arn}:
        dynamodb._disable_kinesis_streaming_destination({"TableName": table, "StreamArn": stale})  # noqa: SLF001
    if not arn or arn in active:
        return
    precision = wanted.get("ApproximateCreationDateTimePrecision", "MILLISECOND")
    configuration = {"ApproximateCreationDateTimePrecision": precision}
    status, _, body = dynamodb._enable_kinesis_streaming_destination(  # noqa: SLF001
        {"TableName": table, "StreamArn": arn, "EnableKinesisStreamingConfiguration": configuration}
    )
    if status >= 400:
        raise ValueError(f"AWS::DynamoDB::Table KinesisStreamSpecification failed: {body!r}")


def _stream(name: str, properties: Properties, before: Properties) -> None:
    encryption = properties.get("StreamEncryption")
    if encryption:
        request = {"StreamName": name, **encryption}
        ask_json(kinesis, "Kinesis_20131202.StartStreamEncryption", request)
    elif before.get("StreamEncryption"):
        request = {"StreamName": name, **before["StreamEncryption"]}
        ask_json(kinesis, "Kinesis_20131202.StopStreamEncryption", request)


def _stage(name: str, properties: Properties, _before: Properties) -> None:
    wanted = properties.get("AccessLogSetting") or {}
    stage = apigateway_v1._stages_v1[properties["RestApiId"]][name]  # noqa: SLF001
    stage["accessLogSettings"] = (
        {"destinationArn": wanted["DestinationArn"], "format": wanted["Format"]} if wanted else {}
    )


def _api(api: str, properties: Properties, _before: Properties) -> None:
    endpoint = properties.get("EndpointConfiguration") or {}
    if endpoint:
        value = {"types": endpoint.get("Types", []), "vpcEndpointIds": endpoint.get("VpcEndpointIds", [])}
        change = {"op": "replace", "path": "/endpointConfiguration", "value": value}
        ask(apigateway_v1, "PATCH", f"/restapis/{api}", json.dumps({"patchOperations": [change]}).encode())


def _nothing(_name: str, _properties: Properties, _before: Properties) -> None:
    """Of those that lack the tags of their stack only."""


def _patches(kind: str, why: str, configure: Configure, *, tags: bool = False) -> tuple[Patch, Patch]:
    def created(original: Callable[..., Resource]) -> Callable[..., Resource]:
        def create(logical_id: str, properties: Properties, stack: str) -> Resource:
            given = tagged(properties, stack, logical_id=logical_id) if tags else properties
            made, attributes = original(logical_id, given, stack)
            configure(made, given, {})
            return made, attributes

        return create

    def updated(original: Callable[..., Resource]) -> Callable[..., Resource]:
        def update(
            physical_id: str, old: Properties, new: Properties, stack: str, *more: Any, **named: Any
        ) -> Resource:
            given = tagged(new, stack, physical_id=physical_id) if tags else new
            made, attributes = original(physical_id, old, given, stack, *more, **named)
            configure(made, given, old if made == physical_id else {})
            return made, attributes

        return update

    module, handlers = "ministack.services.cloudformation.provisioners", f"_RESOURCE_HANDLERS.AWS::{kind}"
    return Patch(module, f"{handlers}.create", why, created), Patch(
        module, f"{handlers}.update", why, updated
    )


PATCHES = (
    *_patches(
        "DynamoDB::Table",
        "KinesisStreamSpecification, point-in-time recovery, encryption and time to live are ignored.",
        _table,
    ),
    *_patches(
        "ApiGateway::RestApi",
        "EndpointConfiguration is kept in the template's case, which no client reads.",
        _api,
    ),
    *_patches("Kinesis::Stream", "StreamEncryption is ignored.", _stream),
    *_patches("ApiGateway::Stage", "AccessLogSetting is ignored.", _stage),
    *_patches(
        "S3::Bucket",
        "Tags, those of its stack, lifecycle, encryption and ownership are ignored.",
        buckets.configure,
        tags=True,
    ),
    *_patches("Athena::WorkGroup", "The tags of its stack are ignored.", _nothing, tags=True),
    *_patches("KinesisFirehose::DeliveryStream", "The tags of its stack are ignored.", _nothing, tags=True),
)
