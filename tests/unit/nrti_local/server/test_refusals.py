"""What the embedded AWS has not is refused in words that every SDK shows, and nothing else is touched."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.model import StructureShape
from botocore.parsers import create_parser

from nrti_local.server.layers import refusals
from tests.unit.nrti_local.asgi import Answer, Fake, ask

_FORM = "application/x-www-form-urlencoded; charset=utf-8"
#: By the protocol: how ministack says that it does not know an operation, and how it is asked.
UNKNOWN: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "json": (
        b'{"__type": "InvalidAction", "message": "Unknown Athena action: ListEngineVersions"}',
        {"service": "athena", "target": "AmazonAthena.ListEngineVersions"},
        "athena: ListEngineVersions is not in the embedded AWS",
    ),
    "query": (
        b"<Response><Error><Code>InvalidAction</Code><Message>Unknown action: X</Message></Error></Response>",
        {"service": "cloudformation", "body": b"Action=ListTypes&Version=2010-05-15", "content_type": _FORM},
        "cloudformation: ListTypes is not in the embedded AWS",
    ),
    "rest-json": (
        b'{"message": "Function not found: /2025-11-30/capacity-providers", "Type": "User"}',
        {"service": "lambda", "method": "GET", "path": "/2025-11-30/capacity-providers"},
        "lambda: GET /2025-11-30/capacity-providers is not in the embedded AWS",
    ),
    "rest-xml": (
        b"<Error><Message>The specified method is not allowed against this resource.</Message></Error>",
        {"service": "s3", "path": "/bucket/key", "query": "select&select-type=2"},
        "s3: POST /bucket/key?select&select-type=2 is not in the embedded AWS",
    ),
    "smithy-rpc-v2-cbor": (
        b"\xa2\x66__type\x6dInvalidAction\x67message\x78\x23Unknown action: DescribeInsightRules",
        {
            "service": "resiliencehub",
            "path": "/service/GraniteServiceVersion20100801/operation/DescribeInsightRules",
            "smithy_protocol": "rpc-v2-cbor",
        },
        "resiliencehub: DescribeInsightRules is not in the embedded AWS",
    ),
}


def _parsed(protocol: str, answer: Answer) -> Any:
    headers = {name.decode(): value.decode() for name, value in answer.headers.items()}
    response = {"status_code": answer.status, "headers": headers, "body": answer.body}
    return create_parser(protocol).parse(
        response, StructureShape("None", {"type": "structure", "members": {}})
    )["Error"]


def test_cbor_is_refused_where_ministack_would_read_an_empty_request() -> None:
    ministack = Fake()
    path = "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm"

    answer = ask(refusals.before(ministack), "monitoring", path=path, smithy_protocol="rpc-v2-cbor")

    message = _parsed("smithy-rpc-v2-cbor", answer)["Message"]
    assert message.startswith("monitoring: PutMetricAlarm in CBOR")
    assert not ministack.asked


@pytest.mark.parametrize("protocol", UNKNOWN)
def test_an_unknown_operation_is_refused_in_the_services_protocol(protocol: str) -> None:
    body, request, message = UNKNOWN[protocol]

    answer = ask(refusals.before(Fake(400, body)), **request)

    error = _parsed(protocol, answer)
    assert error["Message"] == message
    assert error["Code"] in {"UnknownOperationException", "NotImplemented"}
    assert answer.status == (501 if protocol == "rest-xml" else 400)
    assert int(answer.headers[b"content-length"]) == len(answer.body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"__type": "ValidationException", "message": "Function not found: f"}',
        rb'{"__type": "ValidationException", "message": "no \"message\": \"Unknown action: x"}',
        b"<Error><Code>NoSuchKey</Code><Message>&lt;Message&gt;Unknown action: x</Message></Error>",
    ],
)
def test_every_other_error_stays_as_it_is(body: bytes) -> None:
    answer = ask(refusals.before(Fake(404, body)), "lambda")

    assert (answer.status, answer.body) == (404, body)


def test_an_answer_that_quotes_such_an_error_passes() -> None:
    body = b'{"message": "Unknown action: x"}'

    assert ask(refusals.before(Fake(200, body)), "s3", method="GET", path="/b/k").body == body


def test_what_is_not_signed_passes() -> None:
    body = b'{"message": "Unknown path: /x"}'

    assert ask(refusals.before(Fake(404, body)), "").body == body


@pytest.mark.parametrize(
    "request_",
    [
        {"service": "s3", "method": "GET", "path": "/bucket", "query": "inventory&id=1"},
        {"service": "s3", "method": "PUT", "path": "/bucket", "query": "analytics&id=1"},
        {"service": "s3", "method": "GET", "path": "/bucket/key", "query": "torrent"},
        {"service": "apigateway", "path": "/restapis", "query": "mode=import&failonwarnings=true"},
        {
            "service": "apigateway",
            "method": "GET",
            "path": "/usageplans/p/usage",
            "query": "startDate=2026-01-01",
        },
        {"service": "lambda", "method": "GET", "path": "/2020-04-22/code-signing-configs/arn:x"},
        {"service": "states", "target": "AWSStepFunctions.ValidateStateMachineDefinition"},
        {"service": "events", "target": "AWSEvents.DescribeEventSource"},
    ],
)
def test_what_ministack_only_pretends_to_have_is_refused(request_: dict[str, Any]) -> None:
    ministack = Fake()

    answer = ask(refusals.before(ministack), **request_)

    assert b"is not in the embedded AWS" in answer.body
    assert answer.status in {400, 501}
    assert not ministack.asked


@pytest.mark.parametrize(
    "request_",
    [
        {"service": "s3", "method": "GET", "path": "/bucket", "query": "list-type=2&prefix=inventory"},
        {"service": "s3", "method": "GET", "path": "/analytics", "query": "lifecycle"},
        {"service": "apigateway", "path": "/restapis"},
        {"service": "lambda", "method": "GET", "path": "/2015-03-31/functions/f/code-signing-config"},
        {"service": "dynamodb", "target": "DynamoDB_20120810.PutItem"},
    ],
)
def test_what_it_has_is_left_to_it(request_: dict[str, Any]) -> None:
    ministack = Fake(body=b'{"answer": 1}')

    answer = ask(refusals.before(ministack), **request_)

    assert json.loads(answer.body) == {"answer": 1}
    assert ministack.asked
