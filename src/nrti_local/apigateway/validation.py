"""Request validation of a method: parameters, a body of at most 10 MB, and one that matches a model."""

from __future__ import annotations

from typing import Any

from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.request import MAX_BODY_BYTES, Request
from nrti_local.apigateway.request_body import problem_with


def check(request: Request, method: dict[str, Any]) -> None:
    """Checks a request by the validator of its method.

    Args:
        request: to check.
        method: API Gateway's description of it.

    Raises:
        GatewayError: the request is too large, or the validator refuses it.
    """
    if len(request.body) > MAX_BODY_BYTES:
        raise GatewayError("REQUEST_TOO_LARGE")
    validator = request.api.validators.get(method.get("requestValidatorId") or "", {})
    if validator.get("validateRequestParameters"):
        _check_parameters(request, method.get("requestParameters") or {})
    if validator.get("validateRequestBody"):
        _check_body(request, method.get("requestModels") or {})


def _check_parameters(request: Request, parameters: dict[str, bool]) -> None:
    values: dict[str, Any] = {
        "querystring": request.query,
        "header": request.headers,
        "path": request.path_parameters,
    }
    missing = []
    for parameter, required in parameters.items():
        _, _, place, name = parameter.split(".", 3)
        value = values.get(place, {}).get(name.lower() if place == "header" else name)
        if required and value in (None, "", [""]):
            missing.append(name)
    if missing:
        text = f"Missing required request parameters: [{', '.join(missing)}]"
        raise GatewayError("BAD_REQUEST_PARAMETERS", text)


def _check_body(request: Request, models: dict[str, str]) -> None:
    """Checks the body by the model of its content type; one of another type is not looked at, as on AWS."""
    schema = request.api.models.get(models.get(request.content_type, ""))
    problem = problem_with(request.body, schema, request.api.models) if schema else None
    if problem is not None:
        raise GatewayError("BAD_REQUEST_BODY", validation=problem)
