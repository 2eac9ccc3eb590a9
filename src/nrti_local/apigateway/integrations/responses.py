"""Integration responses: which of them fits the answer of the service behind, and what the client gets."""

from __future__ import annotations

import re
from typing import Any

from nrti_local.apigateway import mapping
from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.integrations import templates
from nrti_local.apigateway.mapping import Backend
from nrti_local.apigateway.request import Request
from nrti_local.apigateway.response import Response

_HEADER = "method.response.header."
#: Stands in for the responses of an integration that has none.
PLAIN: dict[str, Any] = {"statusCode": "200"}


def respond(integration: dict[str, Any], request: Request, subject: str, backend: Backend) -> Response:
    """Makes the answer to a client of what the service behind answered.

    Args:
        integration: API Gateway's description of it.
        request: that is answered.
        subject: what selection patterns match: a status, or the message of a function's error.
        backend: the answer of the service behind.

    Raises:
        GatewayError: no integration response fits.
    """
    selected = select(integration, subject)
    if selected is None:
        raise GatewayError("API_CONFIGURATION_ERROR")
    return rendered(selected, request, backend)


def select(integration: dict[str, Any], subject: str) -> dict[str, Any] | None:
    """Returns the integration response whose pattern fits, else the one without a pattern, or None."""
    responses = list((integration.get("integrationResponses") or {}).values())
    fitting = [each for each in responses if _fits(each.get("selectionPattern"), subject)]
    # A pattern for many statuses does not hide the response for just this one.
    exact = [each for each in fitting if str(each.get("statusCode")) == subject]
    default = [each for each in responses if not each.get("selectionPattern")]
    return next(iter([*exact, *fitting, *default]), None)


def rendered(selected: dict[str, Any], request: Request, backend: Backend) -> Response:
    """Renders an integration response."""
    headers: dict[str, Any] = {"Content-Type": "application/json"}
    headers |= mapping.headers(selected.get("responseParameters"), _HEADER, request, backend)
    template = _template(selected.get("responseTemplates") or {}, request)
    body = backend.body if template is None else templates.render(template, backend.body, request)
    override = request.context["responseOverride"]
    response = Response(int(override.get("status") or selected["statusCode"]), headers, body.encode())
    for name, value in (override.get("header") or {}).items():
        response.set(name, str(value))
    return response


def _fits(pattern: str | None, subject: str) -> bool:
    try:
        return bool(pattern and re.fullmatch(pattern, subject, re.DOTALL))
    except re.error:
        return False


def _template(found: dict[str, str], request: Request) -> str | None:
    """The template for what the client accepts, else that for JSON, else any."""
    for name in (request.accept, "application/json"):
        if name in found:
            return found[name]
    return next(iter(found.values()), None)
