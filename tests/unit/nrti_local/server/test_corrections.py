"""Requests that ministack reads otherwise than AWS does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_local.server.layers import corrections
from tests.unit.nrti_local.asgi import Answer, Fake, ask


def _patched(**operation: Any) -> tuple[Answer, Fake]:
    ministack = Fake()
    body = json.dumps({"patchOperations": [operation]}).encode()
    answer = ask(corrections.before(ministack), "apigateway", method="PATCH", path="/restapis/a", body=body)
    return answer, ministack


def _reached(ministack: Fake) -> Any:
    ((scope, body),) = ministack.asked
    assert dict(scope["headers"])[b"content-length"] == str(len(body)).encode()
    return json.loads(body)["patchOperations"][0]


@pytest.mark.parametrize(
    ("service", "operation", "glue", "wanted"),
    [
        ("glue", "GetPartitionIndexes", "GetTable", {"DatabaseName": "d", "Name": "t"}),
        ("glue", "GetTables", "GetDatabase", {"Name": "d"}),
    ],
)
def test_what_is_not_there_is_not_described(
    service: str, operation: str, glue: str, wanted: dict[str, str]
) -> None:
    ministack = Fake(400, b'{"__type": "EntityNotFoundException", "message": "not found"}')
    body = json.dumps({"DatabaseName": "d", "TableName": "t"}).encode()

    answer = ask(corrections.before(ministack), service, target=f"X.{operation}", body=body)

    error = {"__type": "EntityNotFoundException", "message": "not found"}
    assert (answer.status, json.loads(answer.body)) == (400, error)
    ((scope, asked),) = ministack.asked
    assert dict(scope["headers"])[b"x-amz-target"] == f"AWSGlue.{glue}".encode()
    assert json.loads(asked) == wanted


def test_what_is_there_is_described() -> None:
    ministack = Fake(200, b'{"Table": {}}')
    body = json.dumps({"DatabaseName": "d", "TableName": "t"}).encode()

    answer = ask(corrections.before(ministack), "glue", target="AWSGlue.GetPartitionIndexes", body=body)

    assert (answer.status, [asked for _, asked in ministack.asked][1]) == (200, body)


def test_a_number_in_a_patch_becomes_one() -> None:
    assert _reached(_patched(op="replace", path="/minimumCompressionSize", value="1024")[1])["value"] == 1024
    assert _reached(_patched(op="replace", path="/throttle/rateLimit", value="0.5")[1])["value"] == 0.5


def test_no_size_ends_the_compression() -> None:
    _, ministack = _patched(op="replace", path="/minimumCompressionSize", value="")

    assert _reached(ministack) == {"op": "remove", "path": "/minimumCompressionSize"}


@pytest.mark.parametrize("value", ["", "much", "1e3"])
def test_no_number_is_refused(value: str) -> None:
    answer, ministack = _patched(op="replace", path="/quota/limit", value=value)

    assert answer.status == 400
    assert json.loads(answer.body)["message"] == f"Invalid patch value {value!r} specified for /quota/limit"
    assert not ministack.asked


def test_other_patches_and_requests_pass_unchanged() -> None:
    operation = {"op": "replace", "path": "/name", "value": "1024"}
    assert _reached(_patched(**operation)[1]) == operation
    ministack = Fake()

    answer = ask(corrections.before(ministack), "apigateway", method="PATCH", path="/restapis/a", body=b"no")

    assert answer.status == 200
    assert ministack.asked[0][1] == b"no"
