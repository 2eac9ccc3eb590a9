"""What AWS refuses and ministack would take."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_local.server.layers import checks
from tests.unit.nrti_local.asgi import Fake, ask


def _code(service: str, operation: str, **request: Any) -> str | None:
    """The code of the refusal, or None for what reaches ministack as it was sent."""
    ministack, body = Fake(), json.dumps(request).encode()
    answer = ask(checks.before(ministack), service, target=f"X.{operation}", body=body)
    if answer.status == 200:
        assert ministack.asked[0][1] == body
        return None
    assert not ministack.asked
    return str(json.loads(answer.body)["__type"])


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("0", None),
        (str(2**128 - 1), None),
        (str(2**128), "InvalidArgumentException"),
        ("abc", "ValidationException"),
        ("-1", "ValidationException"),
        ("007", "ValidationException"),
    ],
)
def test_explicit_hash_keys(key: str, code: str | None) -> None:
    assert _code("kinesis", "PutRecord", PartitionKey="p", ExplicitHashKey=key) == code
    assert _code("kinesis", "PutRecords", Records=[{"Data": ""}, {"ExplicitHashKey": key}]) == code


@pytest.mark.parametrize(("key", "code"), [("5", None), ("sth", "ValidationException")])
def test_a_shard_is_split_at_a_number(key: str, code: str | None) -> None:
    assert _code("kinesis", "SplitShard", ShardToSplit="s", NewStartingHashKey=key) == code


def test_an_iterator_says_where_it_begins() -> None:
    refused = "InvalidArgumentException"

    assert _code("kinesis", "GetShardIterator", ShardIteratorType="TRIM_HORIZON") is None
    assert _code("kinesis", "GetShardIterator", ShardIteratorType="AT_SEQUENCE_NUMBER") == refused
    assert _code("kinesis", "GetShardIterator", ShardIteratorType="AT_TIMESTAMP") == refused
    at = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": "49"}
    assert _code("kinesis", "GetShardIterator", **at) is None


@pytest.mark.parametrize(("key", "status"), [("k" * 1024, 200), ("k" * 1025, 400), ("ü" * 513, 400)])
def test_the_key_of_an_object_has_1024_bytes(key: str, status: int) -> None:
    ministack = Fake()

    assert ask(checks.before(ministack), "s3", method="PUT", path=f"/bucket/{key}").status == status


def test_a_body_that_is_no_json_is_left_to_ministack() -> None:
    ministack = Fake()

    ask(checks.before(ministack), "kinesis", target="Kinesis_20131202.PutRecord", body=b"\xa1")

    assert ministack.asked[0][1] == b"\xa1"
