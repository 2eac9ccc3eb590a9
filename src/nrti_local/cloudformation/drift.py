"""Patches to ministack's drift detection: the types whose absence it does not notice."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from ministack.services import apigateway_v1, athena, firehose, glue

from nrti_local.ministack.patch import Patch

Properties = dict[str, Any]
#: Properties as they are, by physical id and the template's properties; None when the resource is gone.
Reader = Callable[[str, Properties], Properties | None]


def _in(store: Container[str]) -> Reader:
    return lambda physical_id, _: {} if physical_id in store else None


def _read_stage(physical_id: str, properties: Properties) -> Properties | None:
    stages = apigateway_v1._stages_v1.get(properties["RestApiId"], {})  # noqa: SLF001
    return {} if physical_id in stages else None


def _read_lake_table(physical_id: str, properties: Properties) -> Properties | None:
    return {} if f"{properties['DatabaseName']}/{physical_id}" in glue._tables else None  # noqa: SLF001


#: All of them existence checks: they compare no property.
_READERS: dict[str, Reader] = {
    "AWS::ApiGateway::RestApi": _in(apigateway_v1._rest_apis),  # noqa: SLF001
    "AWS::ApiGateway::ApiKey": _in(apigateway_v1._api_keys),  # noqa: SLF001
    "AWS::ApiGateway::UsagePlan": _in(apigateway_v1._usage_plans),  # noqa: SLF001
    "AWS::ApiGateway::Stage": _read_stage,
    "AWS::Athena::WorkGroup": _in(athena._workgroups),  # noqa: SLF001
    "AWS::Glue::Database": _in(glue._databases),  # noqa: SLF001
    "AWS::Glue::Table": _read_lake_table,
    "AWS::KinesisFirehose::DeliveryStream": _in(firehose._streams),  # noqa: SLF001
}


def _more_readers(original: dict[str, Any]) -> dict[str, Any]:
    return {**{type_: (reader, frozenset()) for type_, reader in _READERS.items()}, **original}


PATCHES = (
    Patch(
        "ministack.services.cloudformation.drift",
        "_DRIFT_READERS",
        "APIs, delivery streams, databases and workgroups that are gone are not reported as deleted.",
        _more_readers,
    ),
)
