"""Authorization of a method: any client, or those that IAM, an authorizer or the API's policy allows."""

from __future__ import annotations

from typing import Any

from ministack.app import AUTH
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.services import apigateway_v1

from nrti_local.apigateway.authorizers import Authorizers
from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.method_policies import method_arn
from nrti_local.apigateway.request import Request
from nrti_local.apigateway.response import Response
from nrti_local.iam.authorization import denial_of
from nrti_local.server.shared.caller import identify

_ACTION = "execute-api:Invoke"
_authorizers = Authorizers()


async def denial(request: Request, method: dict[str, Any]) -> Response | None:
    """Returns IAM's answer to a caller who may not call a method; None for one who may.

    Args:
        request: that was sent.
        method: API Gateway's description of it.

    Raises:
        GatewayError: the request is not signed and has to be, or an authorizer or the API's policy denies it.
    """
    kind = (method.get("authorizationType") or "NONE").upper()
    if kind == "CUSTOM":
        await _authorizers.authorize(request, method)
        return None
    signed = kind == "AWS_IAM"
    if signed and not request.headers.get("authorization") and "X-Amz-Credential" not in request.query:
        raise GatewayError("MISSING_AUTHENTICATION_TOKEN")
    if not AUTH:
        return None
    if signed:
        return _denied_to_caller(request)
    _check_policy(request)
    return None


def _denied_to_caller(request: Request) -> Response | None:
    denied = denial_of(
        "apigateway", method_arn(request), identify(request.scope), request.scope, request.sent, _ACTION
    )
    if denied is None:
        return None
    status, headers, body = denied
    return Response(status, dict(headers), body)


def _check_policy(request: Request) -> None:
    """Compares a request, which is anonymous even if it is signed, with the API's resource policy."""
    arn = method_arn(request)
    policy, _ = apigateway_v1.rest_api_policy_for_arn(arn) or ("", "")
    caller = EvalContext("*", "Anonymous", "", _ACTION, arn, request.api.region)
    decision = evaluate_resource_policy(policy, caller).decision if policy else "Allow"
    if decision != "Allow":
        reason = (
            "with an explicit deny in a resource-based policy"
            if decision == "Deny"
            else f"because no resource-based policy allows the {_ACTION} action"
        )
        account = request.api.account
        shown = arn.replace(f":{account}:", f":********{account[-4:]}:", 1)
        raise GatewayError(
            "ACCESS_DENIED",
            f"User: anonymous is not authorized to perform: {_ACTION} on resource: {shown} {reason}",
        )
