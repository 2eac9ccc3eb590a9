"""Lambda authorizers: whom they ask, how long an answer is kept, and what it allows."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from nrti_local.apigateway.authorizers import Authorizers
from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.request import Request
from nrti_local.lambda_.invoke import Outcome
from nrti_local.server.shared.errors import ServiceError
from tests.unit.nrti_local.apigateway.samples import api, request

TOKEN = {"id": "a", "type": "TOKEN", "identitySource": "method.request.header.Token", "authorizerUri": "uri"}
BOTH = {**TOKEN, "type": "REQUEST", "identitySource": "method.request.header.Token, stageVariables.table"}
METHOD = {"authorizerId": "a"}
ARN = "arn:aws:execute-api:eu-central-2:000000000000:abc/v1/POST/items/7"


def _allowing(*resources: str, effect: str = "Allow", **members: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Resource": list(resources)}
    return {"policyDocument": {"Statement": [statement]}, **members}


class Function:
    """Answers as it is made to, and keeps the events."""

    def __init__(self, answer: Any, error: str = "") -> None:
        self.answer, self.error = answer, error
        self.events: list[dict[str, Any]] = []

    async def __call__(self, uri: str, event: str, asked: Request) -> Outcome:
        assert (uri, asked.api.id) == ("uri", "abc")
        self.events.append(json.loads(event))
        return Outcome(200, json.dumps(self.answer).encode(), self.error, "", "$LATEST")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _asked(authorizer: dict[str, Any], **headers: str) -> Request:
    made = request(b"{}", api(authorizers={"a": authorizer}), **headers)
    made.scope["headers"] = []
    return made


def _authorize(function: Function, authorizer: dict[str, Any] = TOKEN, **headers: str) -> Request:
    made = _asked(authorizer, **headers)
    asyncio.run(Authorizers(function).authorize(made, METHOD))
    return made


def _refusal(function: Function, authorizer: dict[str, Any] = TOKEN, **headers: str) -> str:
    with pytest.raises(GatewayError) as refused:
        _authorize(function, authorizer, **headers)
    return refused.value.kind


def test_a_token_is_handed_to_the_function_and_its_context_to_the_request() -> None:
    function = Function(
        _allowing(ARN, principalId=7, context={"yes": True, "n": 1, "deep": {}, "none": None})
    )

    made = _authorize(function, token="t")

    assert function.events == [{"type": "TOKEN", "authorizationToken": "t", "methodArn": ARN}]
    assert made.context["authorizer"] == {"principalId": "7", "yes": "true", "n": "1"}


def test_the_token_is_in_the_authorization_header_by_default() -> None:
    function = Function(_allowing("*"))
    _authorize(function, {**TOKEN, "identitySource": ""}, authorization="Bearer t")

    assert function.events[0]["authorizationToken"] == "Bearer t"


def test_a_request_is_handed_to_the_function() -> None:
    function = Function(_allowing("*"))
    _authorize(function, BOTH, token="t")

    (event,) = function.events
    assert (event["type"], event["methodArn"], event["path"]) == ("REQUEST", ARN, "/items/7")


@pytest.mark.parametrize(
    ("answer", "error", "kind"),
    [
        (_allowing(ARN.replace("7", "8")), "", "ACCESS_DENIED"),
        (_allowing("arn:aws:execute-api:*", effect="Deny"), "", "ACCESS_DENIED"),
        ({"policyDocument": {"Statement": []}}, "", "ACCESS_DENIED"),
        ({"principalId": "p"}, "", "AUTHORIZER_CONFIGURATION_ERROR"),
        ("text", "", "AUTHORIZER_CONFIGURATION_ERROR"),
        ({"errorMessage": "Unauthorized"}, "Unhandled", "UNAUTHORIZED"),
        ({"errorMessage": "no database"}, "Unhandled", "AUTHORIZER_FAILURE"),
    ],
)
def test_what_does_not_allow_refuses(answer: Any, error: str, kind: str) -> None:
    assert _refusal(Function(answer, error), token="t") == kind


@pytest.mark.parametrize(
    ("authorizer", "headers"),
    [
        (TOKEN, {}),
        (BOTH, {}),
        ({**TOKEN, "identityValidationExpression": "Bearer .+"}, {"token": "t"}),
    ],
)
def test_without_a_valid_identity_no_function_is_asked(
    authorizer: dict[str, Any], headers: dict[str, str]
) -> None:
    function = Function(_allowing("*"))

    assert _refusal(function, authorizer, **headers) == "UNAUTHORIZED"
    assert not function.events


def test_a_request_without_identity_asks_the_function_if_nothing_is_kept() -> None:
    _authorize(Function(_allowing("*")), {**BOTH, "authorizerResultTtlInSeconds": 0})


@pytest.mark.parametrize(
    "authorizer", [{**TOKEN, "id": "b"}, {**TOKEN, "identityValidationExpression": "(bad"}]
)
def test_a_wrongly_configured_authorizer_is_the_fault_of_the_api(authorizer: dict[str, Any]) -> None:
    made = request(of=api(authorizers={authorizer["id"]: authorizer}), token="t")

    with pytest.raises(GatewayError, match="AUTHORIZER_CONFIGURATION_ERROR"):
        asyncio.run(Authorizers(Function(_allowing("*"))).authorize(made, METHOD))


def test_an_unknown_function_is_the_fault_of_the_api() -> None:
    async def invoke(_uri: str, _event: str, _request: Request) -> Outcome:
        raise ServiceError("ResourceNotFoundException", "Function not found", 404)

    with pytest.raises(GatewayError, match="AUTHORIZER_CONFIGURATION_ERROR"):
        asyncio.run(Authorizers(invoke).authorize(_asked(TOKEN, token="t"), METHOD))


def test_an_answer_is_kept_for_its_lifetime_and_each_identity_and_decides_on_each_method() -> None:
    function, clock = Function(_allowing(ARN)), Clock()
    authorizers = Authorizers(function, clock)

    async def ask(token: str, path: str = "/items/7") -> None:
        made = _asked({**TOKEN, "authorizerResultTtlInSeconds": 60}, token=token)
        made.path = path
        await authorizers.authorize(made, METHOD)

    async def scenario() -> None:
        await ask("t")
        await ask("t")
        with pytest.raises(GatewayError, match="ACCESS_DENIED"):
            await ask("t", "/items/8")
        await ask("other")
        clock.now += 60
        await ask("t")

    asyncio.run(scenario())

    assert [event["authorizationToken"] for event in function.events] == ["t", "other", "t"]
