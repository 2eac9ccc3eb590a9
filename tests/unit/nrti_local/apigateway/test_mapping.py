"""Mapping expressions, and the paths in them."""

from __future__ import annotations

from typing import Any

import pytest

from nrti_local.apigateway import json_path, mapping
from nrti_local.apigateway.mapping import Backend
from tests.unit.nrti_local.apigateway.samples import request

BACKEND = Backend('{"id": 7, "name": "a", "tags": ["x"]}', {"etag": "e1"})


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("'a text'", "a text"),
        ("method.request.header.X-Sender", "s"),
        ("method.request.header.none", None),
        ("method.request.querystring.page", "2"),
        ("method.request.path.id", "7"),
        ("method.request.body", '{"of": {"sender": 1}}'),
        ("method.request.body.of.sender", "1"),
        ("stageVariables.table", "events"),
        ("stageVariables.none", None),
        ("context.stage", "v1"),
        ("context.identity.sourceIp", "127.0.0.1"),
        ("context.identity", None),
        ("integration.response.header.ETag", "e1"),
        ("integration.response.body", BACKEND.body),
        ("integration.response.body.name", "a"),
        ("integration.response.body.tags", '["x"]'),
        ("integration.response.body.none", None),
        ("nonsense", None),
    ],
)
def test_an_expression_reads_the_request_or_the_answer_of_the_service(source: str, value: str | None) -> None:
    asked = request(b'{"of": {"sender": 1}}', x_sender="s")

    headers = mapping.headers({"method.response.header.X": source}, "method.response.header.", asked, BACKEND)

    assert headers == ({} if value is None else {"X": value})


def test_a_body_that_is_no_json_has_no_members() -> None:
    parameters = {"gatewayresponse.header.X": "method.request.body.a"}

    assert mapping.headers(parameters, "gatewayresponse.header.", request(b"nope")) == {}


DOCUMENT: dict[str, Any] = {"a": {"b": [1, 2, 3]}, "c d": 4, "list": [{"n": 1}, {"n": 2}]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", DOCUMENT),
        ("$.a.b", [1, 2, 3]),
        ("$.a.b[1]", 2),
        ("$.a.b[-1]", 3),
        ("$['c d']", 4),
        ("$.list[*].n", [1, 2]),
        ("$..n", [1, 2]),
        ("$.list[?(@.n > 1)].n", [2]),
        ("$.none", None),
        ("$.a.b.c", None),
        ("$.a.b[9]", None),
        ("$.none[*]", []),
    ],
)
def test_a_path_names_one_value_or_all_that_it_may_name(path: str, value: Any) -> None:
    assert json_path.find(path, DOCUMENT) == value


def test_what_is_no_path_is_an_error() -> None:
    with pytest.raises(ValueError, match="is not a JSONPath"):
        json_path.find("$.a[", DOCUMENT)
