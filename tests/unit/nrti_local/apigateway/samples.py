"""An API and requests to it, without a control plane."""

from __future__ import annotations

from typing import Any

from nrti_local.apigateway.deployed import Api
from nrti_local.apigateway.request import Request
from nrti_local.apigateway.routing import Resource, Resources, Route

#: The gateway responses of an API that has none of its own.
DEFAULTS = {
    kind: {"defaultResponse": True, "responseType": kind, "statusCode": status}
    for kind, status in {
        "ACCESS_DENIED": "403",
        "BAD_REQUEST_BODY": "400",
        "BAD_REQUEST_PARAMETERS": "400",
        "DEFAULT_4XX": None,
        "DEFAULT_5XX": None,
        "THROTTLED": "429",
    }.items()
}


def api(**members: Any) -> Api:
    """An API without resources; gateway responses come on top of the defaults."""
    responses = DEFAULTS | members.pop("gateway_responses", {})
    described = {
        "account": "000000000000",
        "region": "eu-central-2",
        "id": "abc",
        "name": "sensors",
        "stage": {"variables": {"table": "events"}},
        "stage_name": "v1",
        "resources": Resources([]),
        **members,
    }
    return Api(gateway_responses=responses, **described)


def request(body: bytes = b"{}", of: Api | None = None, **headers: str) -> Request:
    """A POST to `/items/7?page=2`; underscores in the names of headers stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    route = Route(Resource("r", "/items/{id}", "{id}"), {}, {"id": "7"})
    return Request(of or api(), "POST", "/items/7", named, {"page": ["2", "3"]}, body, route=route)
