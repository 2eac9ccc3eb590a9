"""Integrations of REST APIs, a module for each kind of what is behind a method."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nrti_local.apigateway.integrations import mock, states
from nrti_local.apigateway.request import Request
from nrti_local.apigateway.response import Response

#: Answers a request by an integration.
Invoke = Callable[[dict[str, Any], Request], Awaitable[Response]]
#: The authorization that each kind can do; ministack does all.
_OPEN = {"NONE"}
_SIGNED = {"NONE", "AWS_IAM"}


def of(method: dict[str, Any]) -> Invoke | None:
    """Returns what answers the requests to a method; None if that is ministack."""
    integration = method.get("methodIntegration") or {}
    authorization = (method.get("authorizationType") or "NONE").upper()
    if states.target(integration) and authorization in _SIGNED:
        return states.invoke
    if integration.get("type") == "MOCK" and authorization in _OPEN:
        return mock.invoke
    return None
