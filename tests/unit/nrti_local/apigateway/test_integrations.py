"""What an integration sends to the service behind it, and what the client gets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nrti_local.apigateway import integrations
from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.integrations import mock, responses, states, templates
from nrti_local.apigateway.integrations.timeout import in_time
from nrti_local.apigateway.mapping import Backend
from tests.unit.nrti_local.apigateway.samples import request

STATES = "arn:aws:apigateway:eu-central-2:states:action/StartExecution"
FUNCTION = (
    "arn:aws:apigateway:eu-central-2:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:eu-central-2:000000000000:function:f/invocations"
)
TEMPLATES = {"application/json": '{"id": "$input.params(\'id\')", "n": $input.json(\'$.n\')}'}
RESPONSES = {
    "200": {"statusCode": "200", "responseTemplates": {"application/json": "ok $input.path('$.n')"}},
    "400": {"statusCode": "400", "selectionPattern": "4\\d{2}"},
    "404": {"statusCode": "404", "selectionPattern": "4.*"},
    "500": {"statusCode": "500", "selectionPattern": "(bad"},
}
INTEGRATION: dict[str, Any] = {"requestTemplates": TEMPLATES, "integrationResponses": RESPONSES}


@pytest.mark.parametrize(
    ("content_type", "sent"),
    [("application/json; charset=utf-8", '{"id": "7", "n": 1}'), ("text/csv", '{"n": 1}')],
)
def test_the_template_of_the_content_type_makes_the_request(content_type: str, sent: str) -> None:
    assert templates.backend_request(INTEGRATION, request(b'{"n": 1}', content_type=content_type)) == sent


@pytest.mark.parametrize(
    ("behaviour", "found", "refused"),
    [
        ("NEVER", TEMPLATES, True),
        ("NEVER", {}, True),
        ("WHEN_NO_TEMPLATES", TEMPLATES, True),
        ("WHEN_NO_TEMPLATES", {}, False),
        ("WHEN_NO_MATCH", TEMPLATES, False),
        (None, TEMPLATES, False),
    ],
)
def test_the_passthrough_behaviour_refuses_other_content_types(
    behaviour: str | None, found: dict[str, str], refused: bool
) -> None:
    integration = {"passthroughBehavior": behaviour, "requestTemplates": found}
    asked = request(content_type="text/csv")

    if refused:
        with pytest.raises(GatewayError, match="UNSUPPORTED_MEDIA_TYPE"):
            templates.check_content_type(integration, asked)
    else:
        templates.check_content_type(integration, asked)


@pytest.mark.parametrize(
    ("subject", "status"), [("200", "200"), ("302", "200"), ("404", "404"), ("400", "400"), ("429", "400")]
)
def test_a_response_is_selected_by_its_pattern(subject: str, status: str) -> None:
    selected = responses.select(INTEGRATION, subject)

    assert selected is not None
    assert selected["statusCode"] == status


def test_without_a_response_that_fits_the_api_is_wrongly_configured() -> None:
    with pytest.raises(GatewayError, match="API_CONFIGURATION_ERROR"):
        responses.respond({"integrationResponses": {}}, request(), "200", Backend())


def test_a_response_is_rendered_and_a_template_overrides_status_and_headers() -> None:
    template = (
        "#set($context.responseOverride.status = 418)"
        '#set($context.responseOverride.header.content-type = "text/plain")'
        "$input.path('$.n')"
    )
    parameters = {"method.response.header.X": "'x'"}
    selected = {
        "statusCode": "200",
        "responseParameters": parameters,
        "responseTemplates": {"application/json": template},
    }

    response = responses.rendered(selected, request(), Backend('{"n": 5}'))

    assert (response.status, response.headers["X"], response.body) == (418, "x", b"5")


@pytest.mark.parametrize(("accept", "body"), [("text/csv, */*", b"csv"), ("*/*", b"json"), ("", b"json")])
def test_the_template_is_the_one_that_the_client_accepts(accept: str, body: bytes) -> None:
    found = {"application/json": "json", "text/csv": "csv"}
    selected = {"statusCode": "200", "responseTemplates": found}

    assert responses.rendered(selected, request(accept=accept), Backend()).body == body


def test_without_a_template_the_answer_of_the_service_passes() -> None:
    assert responses.rendered({"statusCode": "200"}, request(), Backend("as it is")).body == b"as it is"


@pytest.mark.parametrize(
    ("template", "status"),
    [('{"statusCode": 404}', 404), ('{"statusCode": 200}', 200), ("{}", 200), ("no json", 200)],
)
def test_a_mock_answers_as_its_template_says(template: str, status: int) -> None:
    integration = {**INTEGRATION, "requestTemplates": {"application/json": template}}

    assert asyncio.run(mock.invoke(integration, request())).status == status


def test_a_mock_without_responses_answers_an_empty_object() -> None:
    response = asyncio.run(mock.invoke({}, request()))

    assert (response.status, response.body) == (200, b"{}")


def test_step_functions_are_not_called_without_a_role() -> None:
    with pytest.raises(GatewayError, match="API_CONFIGURATION_ERROR"):
        asyncio.run(states.invoke({"uri": STATES}, request()))


def test_api_gateway_waits_only_so_long_and_what_it_asked_goes_on() -> None:
    went_on = asyncio.Event()

    async def ask() -> None:
        await asyncio.sleep(0.02)
        went_on.set()

    async def scenario() -> None:
        with pytest.raises(GatewayError, match="INTEGRATION_TIMEOUT"):
            await in_time({"timeoutInMillis": 1}, ask())
        await asyncio.wait_for(went_on.wait(), 5)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("integration", "authorization", "served"),
    [
        ({"type": "AWS", "uri": STATES}, "NONE", True),
        ({"type": "AWS", "uri": STATES}, "AWS_IAM", True),
        ({"type": "AWS", "uri": STATES}, "CUSTOM", True),
        ({"type": "AWS", "uri": STATES}, "COGNITO_USER_POOLS", False),
        ({"type": "MOCK"}, "NONE", True),
        ({"type": "MOCK"}, "COGNITO_USER_POOLS", False),
        ({"type": "AWS_PROXY", "uri": FUNCTION}, "NONE", True),
        ({"type": "AWS", "uri": FUNCTION}, "NONE", True),
        ({"type": "AWS_PROXY", "uri": FUNCTION}, "CUSTOM", True),
        ({"type": "AWS_PROXY", "uri": FUNCTION}, "AWS_IAM", False),
        ({"type": "HTTP_PROXY", "uri": "http://example.com"}, "NONE", False),
        ({"type": "AWS", "uri": "arn:aws:apigateway:eu-central-2:sqs:path/1/q"}, "NONE", False),
        ({}, "NONE", False),
    ],
)
def test_what_is_not_served_here_is_left_to_ministack(
    integration: dict[str, Any], authorization: str, served: bool
) -> None:
    method = {"authorizationType": authorization, "methodIntegration": integration}

    assert (integrations.of(method) is not None) == served
