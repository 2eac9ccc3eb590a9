"""A table has no member that it was created without."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_local.glue import tables
from tests.unit.nrti_local.asgi import Fake, ask

_TABLE: Any = {"Name": "t", "Owner": "", "Description": "", "ViewOriginalText": None, "Parameters": {}}
_PRESENT: Any = {"Name": "t", "Parameters": {}}


@pytest.mark.parametrize(
    ("operation", "answer", "expected"),
    [
        ("GetTable", {"Table": _TABLE}, {"Table": _PRESENT}),
        ("GetTables", {"TableList": [_TABLE, _TABLE]}, {"TableList": [_PRESENT, _PRESENT]}),
        ("GetTable", {"Table": {**_TABLE, "Owner": "me"}}, {"Table": {**_PRESENT, "Owner": "me"}}),
        ("GetDatabase", {"Database": {"Name": ""}}, {"Database": {"Name": ""}}),
    ],
)
def test_empty_members_are_left_out(operation: str, answer: Any, expected: Any) -> None:
    ministack = Fake(200, json.dumps(answer).encode())

    got = ask(tables.before(ministack), "glue", target=f"AWSGlue.{operation}")

    assert json.loads(got.body) == expected


def test_an_error_stays_as_it_is() -> None:
    got = ask(tables.before(Fake(400, b"no JSON")), "glue", target="AWSGlue.GetTable")

    assert (got.status, got.body) == (400, b"no JSON")
