"""The integrations with Lambda: AWS_PROXY passes the whole request on, AWS maps it and the answer."""

from __future__ import annotations

import json
from typing import Any

from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.integrations import (
    lambda_uri,
    proxy_event,
    proxy_response,
    responses,
    templates,
)
from nrti_local.apigateway.integrations.timeout import in_time
from nrti_local.apigateway.mapping import Backend
from nrti_local.apigateway.request import Request
from nrti_local.apigateway.response import Response
from nrti_local.lambda_.invoke import Outcome
from nrti_local.server.shared.errors import ServiceError


def invokes(integration: dict[str, Any]) -> bool:
    """Whether an integration invokes a function."""
    return lambda_uri.names_function(integration.get("uri") or "")


async def invoke_proxy(integration: dict[str, Any], request: Request) -> Response:
    """Answers a request as the function says, which gets all of it.

    Raises:
        GatewayError: the function cannot be invoked, fails, takes too long, or its answer is malformed.
    """
    outcome = await _invoke(integration, request, json.dumps(proxy_event.of(request)))
    if outcome.error:
        raise GatewayError("DEFAULT_5XX", status=502)
    return proxy_response.of(outcome.payload, request)


async def invoke(integration: dict[str, Any], request: Request) -> Response:
    """Answers a request by what a function makes of its body, or of the template for its content type.

    The selection patterns of the integration responses are compared with the message of the function's error.

    Raises:
        GatewayError: the function cannot be invoked or takes too long, or no integration response fits.
    """
    event = templates.backend_request(integration, request) or "{}"
    outcome = await _invoke(integration, request, event)
    backend = Backend(outcome.payload.decode())
    if not integration.get("integrationResponses"):
        return responses.rendered(responses.PLAIN, request, backend)
    return responses.respond(integration, request, _error_message(outcome), backend)


async def _invoke(integration: dict[str, Any], request: Request, event: str) -> Outcome:
    try:
        return await in_time(integration, lambda_uri.invoke(integration["uri"], event, request))
    except ServiceError as error:
        unknown = error.code == "ResourceNotFoundException"
        raise GatewayError("API_CONFIGURATION_ERROR" if unknown else "DEFAULT_5XX") from error


def _error_message(outcome: Outcome) -> str:
    """The message of the function's error; empty if it did not fail."""
    return str(json.loads(outcome.payload).get("errorMessage") or "") if outcome.error else ""
