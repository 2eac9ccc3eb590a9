from __future__ import annotations

from typing import Any

import pytest

from nrti_local.server.shared.errors import ServiceError
from nrti_local.stepfunctions import admission
from nrti_local.stepfunctions.lanes import NESTED
from nrti_local.stepfunctions.load import LOAD, MOST_BYTES

LIMIT = 262_144


@pytest.mark.parametrize(
    ("request_members", "code"),
    [
        ({}, None),
        ({"name": "a-b_C.1", "input": "[1]"}, None),
        ({"input": '"' + "x" * (LIMIT - 2) + '"'}, None),
        ({"input": '"' + "x" * (LIMIT - 1) + '"'}, "ValidationException"),
        ({"input": '"' + "é" * (LIMIT // 2) + '"'}, "ValidationException"),
        ({"input": ""}, "InvalidExecutionInput"),
        ({"input": "-Infinity"}, "InvalidExecutionInput"),
        ({"input": "[" * 100_000}, "InvalidExecutionInput"),
        ({"name": ""}, "InvalidName"),
        ({"name": "x" * 81}, "InvalidName"),
        ({"name": "a*b"}, "InvalidName"),
    ],
)
def test_a_request_is_refused_with(request_members: dict[str, Any], code: str | None) -> None:
    if code is None:
        admission.check(request_members)
        return
    with pytest.raises(ServiceError) as refused:
        admission.check(request_members)
    assert refused.value.code == code


def test_beyond_the_load_everything_is_throttled() -> None:
    LOAD.add(MOST_BYTES)
    try:
        with pytest.raises(ServiceError, match="ThrottlingException"):
            admission.check({})
        admission.check({}, NESTED.load)
    finally:
        LOAD.remove(MOST_BYTES)


def test_executions_of_executions_have_a_load_of_their_own() -> None:
    NESTED.load.add(MOST_BYTES)
    try:
        with pytest.raises(ServiceError, match="ThrottlingException"):
            admission.check({}, NESTED.load)
        admission.check({})
    finally:
        NESTED.load.remove(MOST_BYTES)
