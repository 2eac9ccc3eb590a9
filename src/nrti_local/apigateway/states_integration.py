"""The integration of a REST API with Step Functions: `arn:aws:apigateway:<region>:states:action/<action>`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import new_uuid, request_scope
from ministack.services import apigateway_v1, stepfunctions

from nrti_local.apigateway import vtl

#: How long API Gateway waits for what is behind it, unless the integration says so itself.
_TIMEOUT_MILLISECONDS = 29_000


@dataclass(frozen=True)
class Call:
    """A request as ministack hands it to an integration, in its order."""

    api_id: str
    stage: str
    _stage_record: dict[str, Any]
    resource: dict[str, Any]
    path: str
    method: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, Any]
    path_parameters: dict[str, str]
    account_id: str = field(kw_only=True)

    def header(self, name: str) -> str:
        """Returns a header's value, empty without one; a name's case does not matter."""
        return str(apigateway_v1._header_ci(self.headers, name))  # noqa: SLF001

    def parameters(self) -> dict[str, Any]:
        """What `$input.params(name)` finds: of the path, else of the query string, else of the headers."""
        query = {name: value[-1] if isinstance(value, list) else value for name, value in self.query.items()}
        return {**self.headers, **query, **self.path_parameters}

    def context(self) -> dict[str, Any]:
        """What `$context` holds; a template may change responseOverride."""
        now = time.time()
        return {
            "accountId": self.account_id,
            "apiId": self.api_id,
            "httpMethod": self.method,
            "identity": {"sourceIp": "127.0.0.1", "userAgent": self.header("user-agent")},
            "path": f"/{self.stage}{self.path}",
            "requestId": new_uuid(),
            "requestTime": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": int(now * 1000),
            "resourcePath": self.resource["path"],
            "responseOverride": {"header": {}},
            "stage": self.stage,
        }


async def invoke(integration: dict[str, Any], region: str, action: str, call: Call) -> Any:
    """Answers a request by an action of Step Functions, through the templates of both directions.

    Args:
        integration: ministack's record of it.
        region: of the state machine.
        action: such as `StartExecution`.
        call: the request.

    Returns:
        Status, headers and body; or ministack's error for a gateway response.
    """
    if not integration.get("credentials"):  # AWS lets no integration start an execution without a role
        return apigateway_v1._gw_error("API_CONFIGURATION_ERROR", "Internal server error")  # noqa: SLF001
    context, parameters = call.context(), call.parameters()
    request = _request(integration, call, parameters, context)
    target = {"x-amz-target": f"AWSStepFunctions.{action}"}
    with request_scope(call.account_id, region):
        asked = stepfunctions.handle_request("POST", "/", target, request.encode(), {})
        # Only this action waits for anything that could take longer than the integration may.
        answered = await (_in_time(integration, asked) if action == "StartSyncExecution" else asked)
    if answered is None:
        return apigateway_v1._gw_error("INTEGRATION_TIMEOUT", "Endpoint request timed out")  # noqa: SLF001
    status, _, answer = answered
    accept = call.header("accept").split(",", 1)[0].split(";", 1)[0]
    status, headers, body = apigateway_v1._service_integration_response(  # noqa: SLF001
        integration, status, answer.decode(), accept, parameters, context
    )
    headers["x-amzn-requestid"] = context["requestId"]
    return int(context["responseOverride"].get("status", status)), headers, body


async def _in_time(integration: dict[str, Any], asked: Coroutine[Any, Any, Any]) -> Any:
    """The answer, or None if it takes too long; what was asked for goes on then, as on AWS."""
    task = asyncio.create_task(asked)
    timeout = integration.get("timeoutInMillis") or _TIMEOUT_MILLISECONDS
    done, _ = await asyncio.wait([task], timeout=timeout / 1000)
    return task.result() if done else None


def content_type(headers: Any) -> str:
    """Returns the media type that a request states; JSON is what API Gateway takes one without for."""
    stated = apigateway_v1._header_ci(headers, "content-type") or "application/json"  # noqa: SLF001
    return str(stated).split(";", 1)[0].strip().lower()


def _request(
    integration: dict[str, Any], call: Call, parameters: dict[str, Any], context: dict[str, Any]
) -> str:
    """The body for Step Functions; without a template for the content type it is the caller's."""
    text = (call.body or b"").decode("utf-8", "replace")
    templates = {
        name.lower(): template for name, template in (integration.get("requestTemplates") or {}).items()
    }
    template = templates.get(content_type(call.headers))
    return text if template is None else vtl.render(template, text, parameters, context)
