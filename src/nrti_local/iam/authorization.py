"""IAM for the services that are our own, as ministack does it for its services when AUTH is on.

Imported only when the environment is set: it imports ministack, which reads its settings then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any
from urllib.parse import unquote

from ministack.app import AUTH
from ministack.core.iam_actions import access_denied_response, extract_iam_action, identity_denial_message
from ministack.core.iam_evaluator import (
    AuthError,
    enforce,
    pin_request_origin,
    pin_signed_body,
    pin_signed_request,
)

from nrti_local.sagemaker.runtime import PATH
from nrti_local.server.asgi import Answer, json_members
from nrti_local.server.shared.caller import Caller, identify

#: An operation is allowed on each resource that its request names.
_KINDS = {
    "TrainingJobName": "training-job",
    "ModelName": "model",
    "EndpointConfigName": "endpoint-config",
    "EndpointName": "endpoint",
}
_TRANSFORM = "TransformJobName"
_PASSED_ROLES = ("RoleArn", "ExecutionRoleArn")

#: An action, the resource that it is for, and its condition keys.
Check = tuple[str, str, dict[str, str]]


def denial(scope: MutableMapping[str, Any], body: bytes) -> Answer | None:
    """Authenticates and authorizes a request to SageMaker as AWS does.

    Args:
        scope: the ASGI scope of a request that is signed for SageMaker.
        body: all of the request's body, which the signature covers.

    Returns:
        The answer to a caller who may not do that: status, headers and body; None for one who may.
    """
    caller = identify(scope)
    return _denied("sagemaker", caller, scope, body, _checks(scope["path"], caller, body))


def denial_of(
    service: str,
    resource: str,
    caller: Caller,
    scope: MutableMapping[str, Any],
    body: bytes,
    action: str | None = None,
) -> Answer | None:
    """Authenticates and authorizes a request to another service of our own.

    Args:
        service: the service's name in IAM, such as `athena`.
        resource: the ARN that the request's operation is for, or `*`.
        caller: the sender of the request.
        scope: the ASGI scope of the request.
        body: all of the request's body, which the signature covers.
        action: what the request does; read from it if left out.

    Returns:
        As `denial`; None also if AUTH is off.
    """
    if not AUTH:
        return None
    action = action or extract_iam_action(
        service, scope["method"], scope["path"], dict(caller.headers), body, dict(caller.query)
    )
    return _denied(service, caller, scope, body, [(action or f"{service}:*", resource, {})])


def _denied(
    service: str, caller: Caller, scope: MutableMapping[str, Any], body: bytes, checks: Iterable[Check]
) -> Answer | None:
    pin_request_origin(scope["client"][0], secure_transport=True)
    pin_signed_request(
        scope["method"], scope["raw_path"].decode("latin-1"), dict(caller.query), scope["headers"]
    )
    pin_signed_body(body)
    for action, resource, context in checks:
        refused = enforce(
            caller.key, action, service, caller.region, resource_arn=resource, service_context=context
        )
        if refused:
            return _answer(service, refused, action, resource, dict(caller.headers))
    return None


def _checks(path: str, caller: Caller, body: bytes) -> Iterator[Check]:
    """The permissions that a request to SageMaker needs."""
    prefix = f"arn:aws:sagemaker:{caller.region}:{caller.account}:"
    invoked = PATH.fullmatch(path)
    if invoked:
        yield "sagemaker:InvokeEndpoint", f"{prefix}endpoint/{unquote(invoked.group(1)).lower()}", {}
        return
    action = f"sagemaker:{caller.headers.get('x-amz-target', '').removeprefix('SageMaker.')}"
    request = json_members(body)
    for resource in _named(request, prefix) or [str(request.get("ResourceArn", "*"))]:
        yield action, resource, {}
    for role in (str(request[name]) for name in _PASSED_ROLES if name in request):
        yield "iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"}


def _named(request: dict[str, Any], prefix: str) -> list[str]:
    # A transform job also names its model, which is not a resource of its operations.
    kinds = {_TRANSFORM: "transform-job"} if _TRANSFORM in request else _KINDS
    return [f"{prefix}{kind}/{str(request[name]).lower()}" for name, kind in kinds.items() if name in request]


def _answer(service: str, refused: Any, action: str, resource: str, headers: dict[str, str]) -> Answer:
    if isinstance(refused, AuthError):
        code, message, principal = refused.code, refused.message, ""
    else:
        explicit = refused.decision == "Deny"
        code, principal = "", refused.principal_arn
        message = identity_denial_message(action, principal, resource, explicit)
    answer: Answer = access_denied_response(
        service, action, principal, "", error_code=code, message=message, headers=headers
    )
    return answer
