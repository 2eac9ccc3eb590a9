"""What a method demands of its requests."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from nrti_local.apigateway import validation
from nrti_local.apigateway.errors import GatewayError
from nrti_local.apigateway.request import MAX_BODY_BYTES, Request
from nrti_local.apigateway.request_body import problem_with
from tests.unit.nrti_local.apigateway.samples import api, request

SCHEMA = '{"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]}'
VALIDATORS = {"all": {"id": "all", "validateRequestBody": True, "validateRequestParameters": True}}
API = api(models={"Event": SCHEMA}, validators=VALIDATORS)
METHOD = {"requestValidatorId": "all", "requestModels": {"application/json": "Event"}}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"n": 1}', None),
        (b'{"n": NaN}', "NaN is not JSON"),
        (b'{"n": 1, "n": 2}', 'the key "n" appears twice'),
        (b'{"n": 1e999}', "the number 1e999 is too large"),
        (b'{"n": "1"}', "body.n must be number"),
        (b"", "the body is empty"),
    ],
)
def test_a_body_is_compared_with_the_model(body: bytes, problem: str | None) -> None:
    assert problem_with(body, SCHEMA, {}) == problem


def test_a_model_refers_to_another_and_a_changed_one_counts_at_once() -> None:
    reference = '{"$ref": "https://apigateway.amazonaws.com/restapis/abc/models/Event"}'

    assert problem_with(b'{"n": 1}', reference, {"Event": SCHEMA}) is None
    assert problem_with(b"{}", reference, {"Event": SCHEMA}) == "body must contain ['n'] properties"
    assert problem_with(b"{}", reference, {"Event": "{}"}) is None


def test_the_validator_of_a_method_refuses_a_body() -> None:
    validation.check(request(b'{"n": 1}', API), METHOD)

    with pytest.raises(GatewayError, match="BAD_REQUEST_BODY") as refused:
        validation.check(request(b"{}", API), METHOD)
    assert refused.value.validation == "body must contain ['n'] properties"


@pytest.mark.parametrize(
    "method",
    [{}, {**METHOD, "requestValidatorId": "none"}, {**METHOD, "requestModels": {"text/csv": "Event"}}],
)
def test_without_a_validator_or_a_model_any_body_is_taken(method: dict[str, Any]) -> None:
    validation.check(request(b"nope", API), method)


def test_required_parameters_are_named_that_are_missing() -> None:
    names = ("path.id", "path.none", "querystring.page", "querystring.size", "header.X-A", "header.X-B")
    required = {f"method.request.{name}": True for name in names} | {"method.request.header.X-C": False}
    method = {**METHOD, "requestParameters": required}

    with pytest.raises(GatewayError, match="BAD_REQUEST_PARAMETERS") as refused:
        validation.check(request(b'{"n": 1}', API, x_a="1", x_b=""), method)
    assert refused.value.message == "Missing required request parameters: [none, size, X-B]"


def test_a_large_body_is_refused_whether_it_is_compressed_or_not() -> None:
    large = b" " * (MAX_BODY_BYTES + 1)
    scope = {"method": "POST", "query_string": b"", "headers": [(b"content-encoding", b"gzip")]}

    for asked in (request(large, API), Request.of(API, "/", scope, gzip.compress(large))):
        with pytest.raises(GatewayError, match="REQUEST_TOO_LARGE"):
            validation.check(asked, METHOD)


def test_a_compressed_body_is_inflated_unless_it_is_none() -> None:
    scope = {"method": "POST", "query_string": b"", "headers": [(b"content-encoding", b"gzip")]}

    assert Request.of(API, "/", scope, gzip.compress(b'{"n": 1}')).body == b'{"n": 1}'
    assert Request.of(API, "/", scope, b"nope").body == b"nope"
