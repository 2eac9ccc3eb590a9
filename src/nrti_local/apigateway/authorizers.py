"""Lambda authorizers: a function returns a policy for the sender of a token or of a request."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from nrti_local.apigateway import mapping, method_policies
from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.integrations import lambda_uri, proxy_event
from nrti_local.apigateway.method_policies import method_arn
from nrti_local.apigateway.request import Request
from nrti_local.lambda_.invoke import Outcome
from nrti_local.server.shared.errors import ServiceError

Invoke = Callable[[str, str, Request], Awaitable[Outcome]]

#: Where a token is, unless the authorizer says otherwise.
_SOURCE = "method.request.header.Authorization"
#: Seconds that the answer of a function is kept, unless the authorizer says otherwise.
_LIFETIME = 300
#: Answers that are kept; clients can send any number of tokens.
_MOST_KEPT = 1024


@dataclass(frozen=True)
class Grant:
    """What a function answered: the statements of its policy, and what it says of the caller."""

    statements: list[dict[str, Any]]
    context: dict[str, str]


class Authorizers:
    """The Lambda authorizers of all APIs, with the answers that are kept.

    Args:
        invoke: invokes the function of a URI with an event, for a request.
        clock: in seconds, which never goes back.
    """

    def __init__(
        self, invoke: Invoke = lambda_uri.invoke, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._invoke, self._clock = invoke, clock
        self._kept: dict[tuple[str, ...], tuple[float, Grant]] = {}

    async def authorize(self, request: Request, method: dict[str, Any]) -> None:
        """Has the authorizer of a method decide on a request; `$context.authorizer` holds what it says.

        Raises:
            GatewayError: the request has no identity, the policy does not allow it, or the authorizer fails.
        """
        authorizer = request.api.authorizers.get(method.get("authorizerId") or "")
        if authorizer is None:
            raise GatewayError("AUTHORIZER_CONFIGURATION_ERROR")
        lifetime = _lifetime(authorizer)
        identity = _identity(authorizer, request, required=lifetime > 0)
        key = (request.api.id, request.api.stage_name, authorizer["id"], *identity)
        end, grant = self._kept.get(key, (0.0, None))
        if grant is None or end <= self._clock():
            grant = _grant(await self._ask(authorizer, request, identity))
            if lifetime > 0:
                self._keep(key, self._clock() + lifetime, grant)
        # The answer is kept, the decision is not: it depends on the method that is called.
        method_policies.check(grant.statements, method_arn(request))
        request.context["authorizer"] = dict(grant.context)  # which a template may change

    async def _ask(self, authorizer: dict[str, Any], request: Request, identity: list[str]) -> Outcome:
        event: dict[str, Any]
        if _is_token(authorizer):
            event = {"type": "TOKEN", "authorizationToken": identity[0], "methodArn": method_arn(request)}
        else:
            event = {**proxy_event.of(request), "type": "REQUEST", "methodArn": method_arn(request)}
        try:
            return await self._invoke(authorizer.get("authorizerUri") or "", json.dumps(event), request)
        except ServiceError as error:
            raise GatewayError("AUTHORIZER_CONFIGURATION_ERROR") from error

    def _keep(self, key: tuple[str, ...], end: float, grant: Grant) -> None:
        self._kept.pop(key, None)
        while len(self._kept) >= _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = end, grant


def _lifetime(authorizer: dict[str, Any]) -> int:
    stated = authorizer.get("authorizerResultTtlInSeconds")
    return _LIFETIME if stated in (None, "") else int(stated)


def _identity(authorizer: dict[str, Any], request: Request, *, required: bool) -> list[str]:
    """The values that identify the caller: a token, or what the authorizer names of the request."""
    is_token = _is_token(authorizer)
    stated = authorizer.get("identitySource") or (_SOURCE if is_token else "")
    sources = [each.strip() for each in stated.split(",") if each.strip()]
    values = [mapping.value(source, request) or "" for source in sources]
    if not all(values) and (is_token or required):
        raise GatewayError("UNAUTHORIZED")
    pattern = authorizer.get("identityValidationExpression")
    if is_token and pattern and not _matches(pattern, values[0]):
        raise GatewayError("UNAUTHORIZED")
    return values


def _is_token(authorizer: dict[str, Any]) -> bool:
    return str(authorizer.get("type") or "TOKEN").upper() == "TOKEN"


def _matches(pattern: str, token: str) -> bool:
    try:
        return re.fullmatch(pattern, token) is not None
    except re.error as error:
        raise GatewayError("AUTHORIZER_CONFIGURATION_ERROR") from error


def _grant(outcome: Outcome) -> Grant:
    """Reads a function's answer; a function that fails with the text Unauthorized refuses the caller."""
    answer = json.loads(outcome.payload)
    if outcome.error:
        refused = str(answer.get("errorMessage")).strip().lower() == "unauthorized"
        raise GatewayError("UNAUTHORIZED" if refused else "AUTHORIZER_FAILURE")
    policy = answer.get("policyDocument") if isinstance(answer, dict) else None
    if not isinstance(policy, dict):
        raise GatewayError("AUTHORIZER_CONFIGURATION_ERROR")
    statements = policy.get("Statement") or []
    context = {
        name: _text(value) for name, value in (answer.get("context") or {}).items() if _is_plain(value)
    }
    if answer.get("principalId"):
        context["principalId"] = str(answer["principalId"])
    return Grant([statements] if isinstance(statements, dict) else statements, context)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
