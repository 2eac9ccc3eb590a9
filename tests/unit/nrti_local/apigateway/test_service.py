"""Requests to REST APIs that ministack's control plane keeps, from the address to the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import apigateway_v1, cloudwatch_logs

from nrti_local.apigateway.service import Service
from nrti_local.server.shared.ask import ask as ask_service
from nrti_local.server.shared.ask import ask_json
from tests.unit.nrti_local.asgi import Answer, Fake, ask

OK = {"200": {"statusCode": "200", "responseTemplates": {"application/json": "$input.params('id')"}}}
MOCK = {"type": "MOCK", "integrationResponses": OK}
STATES = {
    "type": "AWS",
    "uri": "arn:aws:apigateway:us-east-1:states:action/StartExecution",
    "credentials": "arn:aws:iam::000000000000:role/r",
}
HTTP = {"type": "HTTP_PROXY", "httpMethod": "POST", "uri": "http://127.0.0.1:9/"}
KEY = "a-key-of-at-least-twenty-characters"


def call(method: str, path: str, **body: Any) -> Any:
    return json.loads(ask_service(apigateway_v1, method, path, json.dumps(body).encode())[2] or b"{}")


@dataclass
class RestApi:
    """An API with `POST /items/{id}`, deployed to stage v1.

    Attributes:
        id: of the API.
        ministack: answers what is not served here.
        services: answers what is for no API.
    """

    id: str
    ministack: Fake = field(default_factory=lambda: Fake(status=299, body=b'"of ministack"'))
    services: Fake = field(default_factory=lambda: Fake(status=298))

    def ask(self, path: str = "/items/7", method: str = "POST", stage: str = "v1", **asked: Any) -> Answer:
        service = Service(self.ministack, self.services)
        return ask(
            service, "", method=method, path=f"/restapis/{self.id}/{stage}/_user_request_{path}", **asked
        )


def deploy(integration: dict[str, Any] = MOCK, **method: Any) -> RestApi:
    api = call("POST", "/restapis", name="sensors")["id"]
    (root,) = call("GET", f"/restapis/{api}/resources")["item"]
    items = call("POST", f"/restapis/{api}/resources/{root['id']}", pathPart="items")
    item = call("POST", f"/restapis/{api}/resources/{items['id']}", pathPart="{id}")
    path = f"/restapis/{api}/resources/{item['id']}/methods/POST"
    call("PUT", path, **{"authorizationType": "NONE", **method})
    call("PUT", f"{path}/integration", **{**integration, "integrationResponses": None})
    for status, response in (integration.get("integrationResponses") or {}).items():
        call("PUT", f"{path}/integration/responses/{status}", **response)
    call("POST", f"/restapis/{api}/deployments", stageName="v1")
    return RestApi(api)


def plan(api: RestApi, enabled: bool = True, value: str = KEY, **limits: Any) -> None:
    stages = [{"apiId": api.id, "stage": "v1"}]
    plan_id = call("POST", "/usageplans", name="plan", apiStages=stages, **limits)["id"]
    key = call("POST", "/apikeys", name="key", enabled=enabled, value=value)["id"]
    call("POST", f"/usageplans/{plan_id}/keys", keyId=key, keyType="API_KEY")


@pytest.fixture(autouse=True)
def _request() -> Iterator[None]:
    with request_scope(get_account_id(), get_region()):
        yield
    apigateway_v1.reset()
    cloudwatch_logs.reset()


def test_a_request_reaches_its_method_at_each_address() -> None:
    api = deploy()
    service = Service(api.ministack, api.services)
    alias = f"/_aws/execute-api/{api.id}/v1/items/7"

    answers = [
        api.ask(),
        ask(service, "", path=alias),
        ask(service, "", path="/v1/items/7", host=f"{api.id}.execute-api.localhost:4566"),
    ]

    assert {(answer.status, answer.body) for answer in answers} == {(200, b"7")}
    assert not api.ministack.asked
    assert not api.services.asked


def test_a_custom_domain_leads_to_a_stage() -> None:
    api = deploy()
    call("POST", "/domainnames", domainName="api.example.com")
    call("POST", "/domainnames/api.example.com/basepathmappings", basePath="b", restApiId=api.id, stage="v1")

    answer = ask(Service(api.ministack, api.services), "", path="/b/items/7", host="api.example.com")

    assert (answer.status, answer.body) == (200, b"7")


def test_an_api_of_another_account_answers_requests_of_that_account() -> None:
    with request_scope("111111111111", "eu-west-1"):
        api = deploy()
    signed = "AWS4-HMAC-SHA256 Credential=111111111111/20260101/eu-west-1/execute-api/aws4_request"

    assert api.ask(authorization=signed).body == b"7"
    assert api.ask().status == 299


def test_what_is_for_no_api_goes_to_the_services_and_an_unknown_api_to_ministack() -> None:
    api = deploy()

    assert ask(Service(api.ministack, api.services), "s3", path="/bucket").status == 298
    assert RestApi("unknown").ask().status == 299


@pytest.mark.parametrize(
    ("asked", "status", "message"),
    [
        ({"path": "/nowhere"}, 403, "Missing Authentication Token"),
        ({"method": "GET"}, 403, "Missing Authentication Token"),
        ({"path": "//items/7"}, 403, "Missing Authentication Token"),
        ({"stage": "v2"}, 403, "Forbidden"),
    ],
)
def test_another_path_method_or_stage_is_refused(asked: dict[str, str], status: int, message: str) -> None:
    answer = deploy().ask(**asked)

    assert (answer.status, json.loads(answer.body)) == (status, {"message": message})
    assert answer.headers[b"x-amzn-RequestId"]


def test_a_key_of_a_plan_opens_a_method_that_requires_one() -> None:
    api = deploy(apiKeyRequired=True)
    plan(api)

    assert api.ask(x_api_key=KEY).status == 200
    for headers in ({}, {"x_api_key": "wrong"}):
        answer = api.ask(**headers)
        assert (answer.status, json.loads(answer.body)) == (403, {"message": "Forbidden"})


def test_a_disabled_key_and_one_without_a_plan_open_nothing() -> None:
    api = deploy(apiKeyRequired=True)
    plan(api, enabled=False)
    call("POST", "/apikeys", name="lost", enabled=True, value=KEY[::-1])

    assert [api.ask(x_api_key=key).status for key in (KEY, KEY[::-1])] == [403, 403]


def test_a_key_beyond_the_first_page_opens_as_well() -> None:
    api = deploy(apiKeyRequired=True)
    for number in range(501):
        call("POST", "/apikeys", name=f"key-{number}", enabled=True, value=f"{KEY}-{number}")
    plan(api)

    assert api.ask(x_api_key=KEY).status == 200


def test_limits_of_a_plan_are_counted_from_request_to_request() -> None:
    throttled, limited = deploy(apiKeyRequired=True), deploy(apiKeyRequired=True)
    plan(throttled, throttle={"rateLimit": 0.001, "burstLimit": 1})
    plan(limited, value=KEY[::-1], quota={"limit": 1, "period": "DAY"})
    answer = []
    for api, key in ((throttled, KEY), (limited, KEY[::-1])):
        service = Service(api.ministack, api.services)
        path = f"/restapis/{api.id}/v1/_user_request_/items/7"
        answer.append([ask(service, "", path=path, x_api_key=key) for _ in range(2)])

    assert [[each.status for each in both] for both in answer] == [[200, 429], [200, 429]]
    assert [json.loads(both[1].body)["message"] for both in answer] == ["Too Many Requests", "Limit Exceeded"]


def test_an_integration_that_is_not_served_here_is_left_to_ministack_as_it_was_sent() -> None:
    api = deploy(HTTP)

    answer = api.ask(body=b'{"n": 1}', query="page=2")

    ((scope, body),) = api.ministack.asked
    assert (answer.status, answer.body) == (299, b'"of ministack"')
    assert (scope["query_string"], body) == (b"page=2", b'{"n": 1}')


def test_a_method_for_signed_requests_refuses_others() -> None:
    answer = deploy(STATES, authorizationType="AWS_IAM").ask()

    assert (answer.status, json.loads(answer.body)) == (403, {"message": "Missing Authentication Token"})


def test_a_template_that_fails_answers_500() -> None:
    responses = {
        "200": {"statusCode": "200", "responseTemplates": {"application/json": "$input.path('$.a[')"}}
    }

    answer = deploy({"type": "MOCK", "integrationResponses": responses}).ask()

    assert (answer.status, json.loads(answer.body)) == (500, {"message": "Internal server error"})


def test_the_access_log_has_a_line_for_each_request() -> None:
    api = deploy()
    line = '$context.httpMethod $context.path $context.status "$context.identity.userAgent" $context.none'
    arn = "arn:aws:logs:us-east-1:000000000000:log-group:api:*"
    values = {"destinationArn": arn, "format": line}
    changes = [
        {"op": "replace", "path": f"/accessLogSettings/{name}", "value": value}
        for name, value in values.items()
    ]
    call("PATCH", f"/restapis/{api.id}/stages/v1", patchOperations=changes)
    api.ask(user_agent='a "b"')
    api.ask("/nowhere")

    found = ask_json(cloudwatch_logs, "Logs_20140328.FilterLogEvents", {"logGroupName": "api"})
    messages = [event["message"] for event in found["events"]]
    assert messages == ['POST /v1/items/7 200 "a \\"b\\"" -', 'POST /v1/nowhere 403 "-" -']
