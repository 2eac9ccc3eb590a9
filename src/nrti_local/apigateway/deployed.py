"""A REST API as its requests see it, read from ministack's control plane and cached.

An API is served as it is now: a change does not wait for the next deployment, as it does on AWS.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import get_account_id, request_scope
from ministack.services import apigateway_v1

from nrti_local.apigateway.routing import Resources
from nrti_local.apigateway.usage_plans import ApiKey, UsagePlan
from nrti_local.server.shared.ask import ask
from nrti_local.server.shared.changes import Kept

#: How long an API is kept, in seconds, if no request changes it. CloudFormation goes on after its answer.
_LIFETIME = 1.0
#: The largest page of a list.
_PAGE = 500


@dataclass(frozen=True)
class Api:
    """A REST API at one of its stages.

    Attributes:
        account: that owns it.
        region: where it is.
        id: of the API.
        name: of the API.
        binary_media_types: the media types whose bodies are bytes.
        stage: API Gateway's description of the stage; empty if there is no such stage.
        stage_name: as the request names it.
        resources: with their methods.
        validators: request validators by their ids.
        models: the JSON schemas of the models by their names.
        gateway_responses: by their types.
        keys: the API keys that are enabled, by their values.
        authorizers: by their ids.
    """

    account: str
    region: str
    id: str
    name: str
    stage: dict[str, Any]
    stage_name: str
    resources: Resources
    binary_media_types: tuple[str, ...] = ()
    validators: dict[str, dict[str, Any]] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    gateway_responses: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, ApiKey] = field(default_factory=dict)
    authorizers: dict[str, dict[str, Any]] = field(default_factory=dict)


def deployed(api_id: str, stage: str) -> Api:
    """Returns an API of the account of this request.

    Raises:
        LookupError: there is no such API.
    """
    return _kept((get_account_id(), api_id, stage))


def _read(key: tuple[str, str, str]) -> Api:
    _, api_id, stage_name = key
    owner = apigateway_v1.find_api_scope(api_id)
    if owner is None:
        raise LookupError(api_id)
    account, region = owner
    with request_scope(account, region):
        return _describe(account, region, api_id, stage_name)


_kept = Kept("apigateway", _read, lifetime=_LIFETIME)


def _describe(account: str, region: str, api_id: str, stage_name: str) -> Api:
    path = f"/restapis/{api_id}"
    api = _get(path)
    stages = {stage["stageName"]: stage for stage in _get(f"{path}/stages")["item"]}
    return Api(
        account=account,
        region=region,
        id=api_id,
        name=api["name"],
        binary_media_types=tuple(api.get("binaryMediaTypes") or ()),
        stage=stages.get(stage_name, {}),
        stage_name=stage_name,
        resources=Resources(_items(f"{path}/resources", "embed=methods")),
        validators={each["id"]: each for each in _items(f"{path}/requestvalidators")},
        models={each["name"]: each.get("schema") or "" for each in _items(f"{path}/models")},
        gateway_responses={each["responseType"]: each for each in _get(f"{path}/gatewayresponses")["item"]},
        keys=_keys(api_id, stage_name),
        authorizers={each["id"]: each for each in _items(f"{path}/authorizers")},
    )


def _keys(api_id: str, stage_name: str) -> dict[str, ApiKey]:
    """The enabled keys by their values, each with its usage plans for a stage."""
    plans = defaultdict(list)
    for plan in _items("/usageplans"):
        for stage in plan.get("apiStages") or ():
            if (stage.get("apiId"), stage.get("stage")) == (api_id, stage_name):
                described = UsagePlan.of(plan, stage)
                for key in _items(f"/usageplans/{plan['id']}/keys"):
                    plans[key["id"]].append(described)
    return {
        key["value"]: ApiKey(key["id"], tuple(plans[key["id"]]))
        for key in _items("/apikeys", "includeValues=true")
        if key.get("enabled", True)
    }


def _items(path: str, query: str = "") -> Iterator[dict[str, Any]]:
    """All members of a list, whatever the number of its pages."""
    position: str | None = ""
    while position is not None:
        page = _get(path, f"{query}&limit={_PAGE}&position={position}")
        yield from page.get("item") or ()
        position = page.get("position")


def _get(path: str, query: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(ask(apigateway_v1, "GET", path, query=query)[2])
    return answer
