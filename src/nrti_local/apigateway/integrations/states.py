"""The integration with Step Functions: `arn:aws:apigateway:<region>:states:action/<action>`."""

from __future__ import annotations

import re
from typing import Any

from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.integrations import responses, templates
from nrti_local.apigateway.integrations.timeout import in_time
from nrti_local.apigateway.mapping import Backend
from nrti_local.apigateway.request import Request
from nrti_local.apigateway.response import Response
from nrti_local.stepfunctions import service

_URI = re.compile(r"arn:[^:]+:apigateway:(?P<region>[^:]+):states:action/(?P<action>\w+)")


def target(integration: dict[str, Any]) -> tuple[str, str] | None:
    """Returns the region and the action of an integration with Step Functions; None for any other."""
    found = _URI.fullmatch(integration.get("uri") or "")
    return (found["region"], found["action"]) if found else None


def starts_executions(integration: dict[str, Any]) -> bool:
    """Whether an integration starts executions."""
    found = target(integration)
    return found is not None and found[1].startswith("Start")


async def invoke(integration: dict[str, Any], request: Request) -> Response:
    """Answers a request by an action of Step Functions.

    Raises:
        GatewayError: the integration has no role, by which alone AWS lets it call an action, or no response
            that fits, or the action takes too long.
    """
    found = target(integration)
    if found is None or not integration.get("credentials"):
        raise GatewayError("API_CONFIGURATION_ERROR")
    region, action = found
    body = templates.backend_request(integration, request)
    asked = _ask(action, body, request.api.account, region)
    # Only this action waits for anything that could take longer than the integration may.
    status, answer = await (in_time(integration, asked) if action == "StartSyncExecution" else asked)
    return responses.respond(integration, request, str(status), Backend(answer.decode()))


async def _ask(action: str, body: str, account: str, region: str) -> tuple[int, bytes]:
    status, _, answer = await service.answer_body(action, body.encode(), account=account, region=region)
    return status, answer
