"""Integrations of REST APIs, a module for each kind of what is behind a method."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nrti_local.apigateway.integrations import functions, mock, states
from nrti_local.apigateway.request import Request
from nrti_local.apigateway.response import Response

#: Answers a request by an integration.
Invoke = Callable[[dict[str, Any], Request], Awaitable[Response]]
#: The types of authorization of each kind; ministack knows all of them.
_LAMBDA = {"NONE", "CUSTOM"}
_STATES = {"NONE", "CUSTOM", "AWS_IAM"}


def of(method: dict[str, Any]) -> Invoke | None:
    """Returns what answers the requests to a method; None if that is ministack."""
    integration = method.get("methodIntegration") or {}
    authorization = (method.get("authorizationType") or "NONE").upper()
    if states.target(integration) and authorization in _STATES:
        return states.invoke
    if authorization not in _LAMBDA:
        return None
    if functions.invokes(integration):
        return functions.invoke_proxy if integration["type"] == "AWS_PROXY" else functions.invoke
    return mock.invoke if integration.get("type") == "MOCK" else None
