"""The patch to ministack's drift detection: the types whose absence it does not notice."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from ministack.services import apigateway_v1, athena, firehose, glue

from nrti_local.ministack.patch import Patch
from nrti_local.server.shared.ask import ask, ask_json

Properties = dict[str, Any]
#: The current properties by physical id and the template's properties; None when the resource is gone.
Reader = Callable[[str, Properties], Properties | None]


def _exists(look_up: Callable[[str, Properties], object]) -> Reader:
    """A reader that compares no property."""

    def read(physical_id: str, properties: Properties) -> Properties | None:
        try:
            look_up(physical_id, properties)
        except ValueError as error:
            if any(code in str(error) for code in ("NotFound", "not found")):
                return None
            raise
        return {}

    return read


def _of_api_gateway(path: Callable[[str, Properties], str]) -> Reader:
    return _exists(lambda name, properties: ask(apigateway_v1, "GET", path(name, properties)))


def _of(service: ModuleType, operation: str, request: Callable[[str, Properties], Properties]) -> Reader:
    return _exists(lambda name, properties: ask_json(service, operation, request(name, properties)))


_READERS: dict[str, Reader] = {
    "AWS::ApiGateway::RestApi": _of_api_gateway(lambda api, _: f"/restapis/{api}"),
    "AWS::ApiGateway::ApiKey": _of_api_gateway(lambda key, _: f"/apikeys/{key}"),
    "AWS::ApiGateway::UsagePlan": _of_api_gateway(lambda plan, _: f"/usageplans/{plan}"),
    "AWS::ApiGateway::Stage": _of_api_gateway(lambda name, of: f"/restapis/{of['RestApiId']}/stages/{name}"),
    "AWS::Athena::WorkGroup": _of(athena, "AmazonAthena.GetWorkGroup", lambda name, _: {"WorkGroup": name}),
    "AWS::Glue::Database": _of(glue, "AWSGlue.GetDatabase", lambda name, _: {"Name": name}),
    "AWS::Glue::Table": _of(
        glue, "AWSGlue.GetTable", lambda name, of: {"DatabaseName": of["DatabaseName"], "Name": name}
    ),
    "AWS::KinesisFirehose::DeliveryStream": _of(
        firehose, "Firehose_20150804.DescribeDeliveryStream", lambda name, _: {"DeliveryStreamName": name}
    ),
}


def _more_readers(original: dict[str, Any]) -> dict[str, Any]:
    return {**{kind: (reader, frozenset()) for kind, reader in _READERS.items()}, **original}


PATCHES = (
    Patch(
        "ministack.services.cloudformation.drift",
        "_DRIFT_READERS",
        "APIs, delivery streams, databases and workgroups that are gone are not reported as deleted.",
        _more_readers,
    ),
)
