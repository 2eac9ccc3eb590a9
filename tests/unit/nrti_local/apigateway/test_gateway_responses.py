"""What API Gateway itself answers: AWS's texts, and the API's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.gateway_responses import render
from nrti_local.apigateway.response import Response
from tests.unit.nrti_local.apigateway.samples import api, request


def _own(kind: str, template: str, **members: Any) -> dict[str, Any]:
    return {kind: {"responseType": kind, "responseTemplates": {"application/json": template}, **members}}


def _render(error: GatewayError, **responses: Any) -> Response:
    return render(error, request(of=api(gateway_responses=responses), x_sender="s"))


@pytest.mark.parametrize(
    ("error", "status", "body", "kind"),
    [
        (GatewayError("THROTTLED"), 429, {"message": "Too Many Requests"}, "TooManyRequestsException"),
        (GatewayError("BAD_REQUEST_BODY"), 400, {"message": "Invalid request body"}, "BadRequestException"),
        (GatewayError("ACCESS_DENIED", "no"), 403, {"Message": "no"}, "AccessDeniedException"),
        (
            GatewayError("DEFAULT_5XX"),
            500,
            {"message": "Internal server error"},
            "InternalServerErrorException",
        ),
        (GatewayError("DEFAULT_4XX", "bad", status=403), 403, {"message": "bad"}, None),
    ],
)
def test_the_texts_are_those_of_aws(
    error: GatewayError, status: int, body: dict[str, str], kind: str | None
) -> None:
    response = _render(error)

    assert (response.status, json.loads(response.body)) == (status, body)
    assert response.headers.get("x-amzn-ErrorType") == kind


def test_a_response_of_the_api_says_what_is_wrong_with_the_body() -> None:
    template = '{"said": "$context.error.message: ${context.error.validationErrorString}"}'
    error = GatewayError("BAD_REQUEST_BODY", validation='body.a must be "x"')

    response = _render(error, **_own("BAD_REQUEST_BODY", template, statusCode="422"))

    assert response.status == 422
    assert json.loads(response.body) == {"said": 'Invalid request body: body.a must be "x"'}


@pytest.mark.parametrize(
    ("template", "body"),
    [
        ("$context.error.responseType", "THROTTLED"),
        ("$context.stage $context.resourcePath $context.identity.sourceIp", "v1 /items/{id} 127.0.0.1"),
        ("$context.none.of it", "$context.none.of it"),
        ("#if(true)$100#end", "#if(true)$100#end"),
    ],
)
def test_a_template_knows_variables_and_no_directives(template: str, body: str) -> None:
    assert _render(GatewayError("THROTTLED"), **_own("THROTTLED", template)).body == body.encode()


def test_headers_are_texts_or_come_from_the_request() -> None:
    parameters = {
        "gatewayresponse.header.Retry-After": "'1'",
        "gatewayresponse.header.Sender": "method.request.header.X-Sender",
        "gatewayresponse.header.None": "method.request.header.None",
    }

    headers = _render(
        GatewayError("THROTTLED"), **_own("THROTTLED", "", responseParameters=parameters)
    ).headers

    assert headers["Retry-After"] == "1"
    assert headers["Sender"] == "s"
    assert "None" not in headers


def test_the_own_response_to_client_errors_is_that_to_denied_ones_too() -> None:
    own = _own("DEFAULT_4XX", '{"m":$context.error.messageString}')
    inherited = {"ACCESS_DENIED": own["DEFAULT_4XX"] | {"defaultResponse": True, "statusCode": "403"}}

    assert _render(GatewayError("ACCESS_DENIED", "no"), **own, **inherited).body == b'{"m":"no"}'
