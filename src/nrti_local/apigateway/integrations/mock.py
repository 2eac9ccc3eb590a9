"""The MOCK integration: its request template names the status by which a response is selected."""

from __future__ import annotations

import json
from typing import Any

from nrti_local.apigateway.integrations import responses, templates
from nrti_local.apigateway.mapping import Backend
from nrti_local.apigateway.request import Request
from nrti_local.apigateway.response import Response

_SUCCESS = 200
_NOTHING = Backend("{}")


async def invoke(integration: dict[str, Any], request: Request) -> Response:
    """Answers a request without asking any service."""
    status = _status(templates.backend_request(integration, request))
    if not integration.get("integrationResponses"):
        return responses.rendered(responses.PLAIN, request, _NOTHING)
    return responses.respond(integration, request, str(status), _NOTHING)


def _status(text: str) -> int:
    try:
        document = json.loads(text)
    except ValueError:
        return _SUCCESS
    return int(document.get("statusCode", _SUCCESS)) if isinstance(document, dict) else _SUCCESS
