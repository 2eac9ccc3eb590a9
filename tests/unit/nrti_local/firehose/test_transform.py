from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from nrti_local.firehose.source import Record
from nrti_local.firehose.transform import Transform

RECORDS = [Record("shard-0", str(n), datetime(2026, 11, 22, tzinfo=UTC), str(n).encode()) for n in range(3)]


@pytest.fixture
def functions() -> Any:
    return boto3.client("lambda", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def _answer(stub: Stubber, payload: Any, **more: str) -> None:
    body = {"Payload": io.BytesIO(json.dumps(payload).encode()), **more}
    stub.add_response("invoke", body, {"FunctionName": "arn:f", "Payload": ANY})


def _transform(functions: Any, wait_delays: list[float]) -> Transform:
    return Transform(functions, "arn:f", "lake", sleep=wait_delays.append)


def test_each_record_goes_where_the_function_says(functions: Any) -> None:
    row = base64.b64encode(b"row").decode()
    with Stubber(functions) as stub:
        results = [
            {"recordId": "0", "result": "Ok", "data": row},
            {"recordId": "1", "result": "Dropped", "data": row},
            {"recordId": "2", "result": "ProcessingFailed", "data": row},
        ]
        _answer(stub, {"records": results})

        done = _transform(functions, [])(RECORDS)

    assert done.rows == [b"row"]
    assert [record.data for record, _ in done.failed] == [b"2"]


def test_a_record_that_the_answer_leaves_out_has_failed(functions: Any) -> None:
    with Stubber(functions) as stub:
        _answer(stub, {"records": []})

        assert len(_transform(functions, [])(RECORDS).failed) == 3


def test_a_failing_function_is_invoked_again(functions: Any) -> None:
    wait_delays: list[float] = []
    with Stubber(functions) as stub:
        _answer(stub, {"errorMessage": "boom"}, FunctionError="Unhandled")
        _answer(stub, {"records": [{"recordId": str(n), "result": "Dropped", "data": ""} for n in range(3)]})

        done = _transform(functions, wait_delays)(RECORDS)

    assert (done.rows, done.failed, len(wait_delays)) == ([], [], 1)


def test_a_function_that_goes_on_failing_fails_the_batch_and_never_passes_it_through(functions: Any) -> None:
    wait_delays: list[float] = []
    with Stubber(functions) as stub:
        for _ in range(4):
            _answer(stub, {"errorMessage": "boom"}, FunctionError="Unhandled")

        done = _transform(functions, wait_delays)(RECORDS)

    assert done.rows == []
    assert [(record.data, "boom" in why) for record, why in done.failed] == [
        (b"0", True),
        (b"1", True),
        (b"2", True),
    ]
    assert len(wait_delays) == 3
