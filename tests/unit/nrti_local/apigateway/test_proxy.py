"""The event and the answer of a function behind an AWS_PROXY integration."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.integrations import proxy_event, proxy_response
from nrti_local.apigateway.request import Request
from nrti_local.apigateway.routing import Resource, Route
from tests.unit.nrti_local.apigateway.samples import api, request

IMAGES = api(binary_media_types=("image/*",))


def _sent(body: bytes, *headers: tuple[bytes, bytes], query: bytes = b"") -> Request:
    scope = {"method": "POST", "query_string": query, "headers": list(headers)}
    made = Request.of(IMAGES, "/items/7", scope, body)
    made.route = Route(Resource("r", "/items/{id}", "{id}"), {}, {"id": "7"})
    return made


def test_the_event_is_that_of_aws() -> None:
    headers = (
        (b"x-a", b"1"),
        (b"x-a", b"2"),
        (b"user-agent", b"curl"),
        (b"x-forwarded-for", b"10.0.0.1, 10.0.0.2"),
    )

    event = proxy_event.of(_sent(b'{"n": 1}', *headers, query=b"page=1&page=2"))

    assert (event["resource"], event["path"]) == ("/items/{id}", "/items/7")
    assert (event["body"], event["isBase64Encoded"]) == ('{"n": 1}', False)
    assert event["headers"]["x-a"] == "1, 2"
    assert event["multiValueHeaders"]["x-a"] == ["1", "2"]
    assert event["queryStringParameters"] == {"page": "2"}
    assert event["multiValueQueryStringParameters"] == {"page": ["1", "2"]}
    assert event["pathParameters"] == {"id": "7"}
    assert event["stageVariables"] == {"table": "events"}
    context = event["requestContext"]
    assert context["identity"] == {"sourceIp": "10.0.0.1", "userAgent": "curl"}
    assert (context["path"], context["resourcePath"], context["stage"]) == (
        "/v1/items/7",
        "/items/{id}",
        "v1",
    )
    json.dumps(event)


def test_bytes_are_encoded_and_what_is_missing_is_null() -> None:
    event = proxy_event.of(_sent(b"\xff", (b"content-type", b"image/png")))
    empty = proxy_event.of(_sent(b""))

    assert (event["body"], event["isBase64Encoded"]) == ("/w==", True)
    assert (empty["body"], empty["headers"], empty["queryStringParameters"]) == (None, None, None)


def test_a_function_sets_status_headers_and_body() -> None:
    answer = {
        "statusCode": "201",
        "headers": {"content-type": "text/plain", "x-n": 1, "x-both": "lost"},
        "multiValueHeaders": {"X-Both": ["1", "2"]},
        "body": "é",
    }

    response = proxy_response.of(json.dumps(answer).encode(), request())

    assert (response.status, response.body) == (201, "é".encode())
    assert response.headers == {"content-type": "text/plain", "x-n": "1", "X-Both": ["1", "2"]}


@pytest.mark.parametrize(("accept", "body"), [("image/png", b"\xff"), ("text/plain", b"/w=="), ("", b"/w==")])
def test_bytes_are_decoded_for_a_client_that_accepts_them(accept: str, body: bytes) -> None:
    answer = json.dumps({"body": "/w==", "isBase64Encoded": True}).encode()

    assert proxy_response.of(answer, request(of=IMAGES, accept=accept)).body == body


@pytest.mark.parametrize(
    "answer", ["text", None, [1], {"statusCode": "ok"}, {"body": {"a": 1}}, {"headers": "none"}]
)
def test_a_malformed_answer_is_the_fault_of_the_api(answer: Any) -> None:
    with pytest.raises(GatewayError, match="DEFAULT_5XX") as refused:
        proxy_response.of(json.dumps(answer).encode(), request())

    assert refused.value.status == 502
