"""Policies on the methods of an API: their ARNs, and what the policy of an authorizer allows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ministack.core.arn import execute_api_arn

from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.request import Request

_DENIED = "User is not authorized to access this resource"
_EXPLICITLY = " with an explicit deny in an identity-based policy"


def method_arn(request: Request) -> str:
    """Returns the ARN of the method that a request calls."""
    api = request.api
    return str(execute_api_arn(api.region, api.account, api.id, api.stage_name, request.method, request.path))


def check(statements: Iterable[dict[str, Any]], arn: str) -> None:
    """Evaluates the statements of a policy for a method.

    Raises:
        GatewayError: one of them denies it, or none allows it.
    """
    effects = {each.get("Effect") for each in statements if _covers(each.get("Resource"), arn)}
    if "Deny" in effects:
        raise GatewayError("ACCESS_DENIED", _DENIED + _EXPLICITLY)
    if "Allow" not in effects:
        raise GatewayError("ACCESS_DENIED", _DENIED)


def _covers(resources: Any, arn: str) -> bool:
    patterns = [resources] if isinstance(resources, str) else resources or []
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), arn) for pattern in patterns
    )
