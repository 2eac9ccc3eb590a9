"""Patches to ministack's REST APIs: Step Functions behind them, and requests that are told what is wrong."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.services import apigateway_v1

from nrti_local.apigateway import access_log, states_integration, vtl
from nrti_local.apigateway.request_body import problem_with
from nrti_local.apigateway.states_integration import content_type
from nrti_local.cloudwatch import metrics
from nrti_local.ministack.patch import Patch
from nrti_local.stepfunctions.load import LOAD

# ministack's functions are untyped; a response is (status, headers, body) or one of its _GatewayError.
Response = Any
Invoke = Callable[..., Awaitable[Response]]

_MODULE = "ministack.services.apigateway_v1"
#: The longest body that API Gateway takes, in bytes.
_BODY_LIMIT = 10 * 1024 * 1024
_VALIDATION_ERROR = re.compile(rb"\$\{?context\.error\.validationErrorString\}?")


def _check_body(original: Callable[..., Response]) -> Callable[..., Response]:
    def check(
        method: dict[str, Any], api_id: str, request: dict[str, Any], headers: Any, body: bytes, query: Any
    ) -> Response:
        if LOAD.is_too_much() and _starts_executions(
            method
        ):  # before anything is read: refusing has to be cheap
            return apigateway_v1._gw_error("THROTTLED", "Too Many Requests")  # noqa: SLF001
        if len(body or b"") > _BODY_LIMIT:
            return apigateway_v1._gw_error("REQUEST_TOO_LARGE", "Request Too Long")  # noqa: SLF001
        refused = original({**method, "requestModels": {}}, api_id, request, headers, body, query)
        schema = _schema_for(method, api_id, headers)
        if refused or schema is None:
            return refused
        problem = problem_with(body or b"", schema)
        if problem is None:
            return None
        request["validation_error"] = problem
        return apigateway_v1._gw_error("BAD_REQUEST_BODY", "Invalid request body")  # noqa: SLF001

    return check


def _starts_executions(method: dict[str, Any]) -> bool:
    return ":states:action/Start" in (method.get("methodIntegration") or {}).get("uri", "")


def _schema_for(method: dict[str, Any], api_id: str, headers: Any) -> str | None:
    """The schema that a request's content type is to be judged by, when the method's validator wants that."""
    validators = apigateway_v1._request_validators.get(api_id, {})  # noqa: SLF001
    if not validators.get(method.get("requestValidatorId"), {}).get("validateRequestBody"):
        return None
    model = (method.get("requestModels") or {}).get(content_type(headers))
    schema = (apigateway_v1._models.get(api_id, {}).get(model) or {}).get("schema")  # noqa: SLF001
    return schema or None


def _say_what_is_wrong(original: Callable[..., Response]) -> Callable[..., Response]:
    def respond(error: Any, request: dict[str, Any]) -> Response:
        access_log.refusal.set(error.response_type)
        status, headers, body = original(error, request)
        text = json.dumps(request.get("validation_error", ""))[1:-1].encode()
        return status, headers, _VALIDATION_ERROR.sub(lambda _: text, body)

    return respond


def _reach_step_functions(original: Invoke) -> Invoke:
    async def invoke(integration: dict[str, Any], *request: Any, **owner: Any) -> Response:
        target = apigateway_v1._parse_service_integration_uri(integration.get("uri", ""))  # noqa: SLF001
        if target and target[1:3] == ("states", "action"):
            call = states_integration.Call(*request, account_id=owner["owner_account_id"])
            return await states_integration.invoke(integration, target[0], target[3], call)
        return await original(integration, *request, **owner)

    return invoke


def _whatever_the_clock_does(original: Callable[..., bool]) -> Callable[..., bool]:
    def take(slot: Any, limits: dict[str, Any]) -> bool:
        if apigateway_v1._throttle_state.get(slot, (0, 0))[1] > time.time():  # noqa: SLF001
            del apigateway_v1._throttle_state[slot]  # noqa: SLF001
        return original(slot, limits)

    return take


def _measured(original: Invoke) -> Invoke:
    async def handle(
        api_id: str, stage: str, method: str, path: str, asked: dict[str, str], *request: Any
    ) -> Response:
        began = time.perf_counter()
        access_log.refusal.set("")
        status, headers, body = await original(api_id, stage, method, path, asked, *request)
        milliseconds = (time.perf_counter() - began) * 1000
        name = (apigateway_v1._rest_apis.get(api_id) or {}).get("name", api_id)  # noqa: SLF001
        values = (
            ("Count", 1, "Count"),
            ("4XXError", int(400 <= status < 500), "Count"),
            ("5XXError", int(status >= 500), "Count"),
            ("Latency", milliseconds, "Milliseconds"),
        )
        metrics.add_all("AWS/ApiGateway", values, {"ApiName": name, "Stage": stage})
        call = access_log.Call(
            api_id, stage, method, path, asked or {}, status, headers, len(body), milliseconds
        )
        access_log.write(call)
        return status, headers, body

    return handle


PATCHES = (
    Patch(
        _MODULE,
        "_check_request_validation",
        "NaN and duplicate keys pass, any content type is judged as JSON, and nothing says what is wrong.",
        _check_body,
    ),
    Patch(
        _MODULE,
        "_take_token",
        "A clock that is set back takes tokens away: the API refuses everything for as long again.",
        _whatever_the_clock_does,
    ),
    Patch(
        _MODULE,
        "_gateway_error_response",
        "$context.error.validationErrorString is left as it stands in a gateway response.",
        _say_what_is_wrong,
    ),
    Patch(
        _MODULE,
        "_render_request_template_v1",
        "Its own subset of Velocity lacks #if, #foreach, $util.escapeJavaScript and $context.requestId.",
        lambda _: vtl.render,
    ),
    Patch(
        _MODULE,
        "_invoke_lambda_custom_v1",
        "AWS integrations know Lambda and SQS only: states:action/StartExecution answers 504.",
        _reach_step_functions,
    ),
    Patch(
        _MODULE,
        "_handle_execute_in_scope",
        "REST APIs publish no metrics, and write no access log.",
        _measured,
    ),
)
