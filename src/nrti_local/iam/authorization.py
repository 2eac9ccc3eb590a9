"""IAM in front of the SageMaker: what ministack does for its own services when AUTH is on.

Imported only when AUTH is on and the environment is set: it imports ministack, which reads its settings then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, MutableMapping
from typing import Any
from urllib.parse import parse_qs, unquote

from ministack.app import _request_account_scope
from ministack.core.iam_actions import access_denied_response, identity_denial_message
from ministack.core.iam_evaluator import (
    AuthError,
    enforce,
    pin_request_origin,
    pin_signed_body,
    pin_signed_request,
)
from ministack.core.responses import get_account_id, set_request_account_id, set_request_region
from ministack.core.router import extract_access_key_id, extract_region

from nrti_local.sagemaker.runtime import PATH

#: An operation is allowed on each resource that its request names.
_KINDS = {
    "TrainingJobName": "training-job",
    "ModelName": "model",
    "EndpointConfigName": "endpoint-config",
    "EndpointName": "endpoint",
}
_TRANSFORM = "TransformJobName"
_PASSED_ROLES = ("RoleArn", "ExecutionRoleArn")

Answer = tuple[int, dict[str, str], bytes]


def denial(scope: MutableMapping[str, Any], body: bytes) -> Answer | None:
    """Authenticates and authorizes a request as AWS does.

    Args:
        scope: the ASGI scope of a request that is signed for SageMaker.
        body: all of the request's body, which the signature covers.

    Returns:
        The answer to a caller who may not do that: status, headers and body; None for one who may.
    """
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qs(scope["query_string"].decode("ascii"), keep_blank_values=True)
    key, region = extract_access_key_id(headers, query), extract_region(headers, query)
    set_request_account_id(_request_account_scope(key))
    set_request_region(region)
    pin_request_origin(scope["client"][0], secure_transport=True)
    pin_signed_request(scope["method"], scope["raw_path"].decode("latin-1"), query, scope["headers"])
    pin_signed_body(body)
    for action, resource, context in _checks(scope["path"], headers, body, region):
        refused = enforce(key, action, "sagemaker", region, resource_arn=resource, service_context=context)
        if refused:
            return _answer(refused, action, resource, headers)
    return None


def _checks(
    path: str, headers: dict[str, str], body: bytes, region: str
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """What the caller must be allowed: actions, the resource of each, and its condition keys."""
    prefix = f"arn:aws:sagemaker:{region}:{get_account_id()}:"
    invoked = PATH.fullmatch(path)
    if invoked:
        yield "sagemaker:InvokeEndpoint", f"{prefix}endpoint/{unquote(invoked.group(1)).lower()}", {}
        return
    action = f"sagemaker:{headers.get('x-amz-target', '').removeprefix('SageMaker.')}"
    request = _members(body)
    for resource in _named(request, prefix) or [str(request.get("ResourceArn", "*"))]:
        yield action, resource, {}
    for role in (str(request[name]) for name in _PASSED_ROLES if name in request):
        yield "iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"}


def _named(request: dict[str, Any], prefix: str) -> list[str]:
    # A transform job also names its model, which is no resource of its operations.
    kinds = {_TRANSFORM: "transform-job"} if _TRANSFORM in request else _KINDS
    return [f"{prefix}{kind}/{str(request[name]).lower()}" for name, kind in kinds.items() if name in request]


def _members(body: bytes) -> dict[str, Any]:
    """A request that is no JSON object names nothing; the SageMaker says what is wrong with it."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return {}
    return request if isinstance(request, dict) else {}


def _answer(refused: Any, action: str, resource: str, headers: dict[str, str]) -> Answer:
    if isinstance(refused, AuthError):
        code, message, principal = refused.code, refused.message, ""
    else:
        explicit = refused.decision == "Deny"
        code, principal = "", refused.principal_arn
        message = identity_denial_message(action, principal, resource, explicit)
    answer: Answer = access_denied_response(
        "sagemaker", action, principal, "", error_code=code, message=message, headers=headers
    )
    return answer
