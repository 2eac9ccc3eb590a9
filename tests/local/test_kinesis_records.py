"""Records are put and read as a stock ministack does it, and readers stay where they are."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import dynamodb, kinesis

from nrti_local.dynamodb import stream_reads
from nrti_local.kinesis import reads
from tests.local.packed_tables import PATCHES, Ask, Step, item, of_service, tables

STREAM = "stream"
KEY_TOO_LONG = "k" * 257
TOO_LARGE = base64.b64encode(bytes(1024 * 1024 + 1)).decode()
#: Members of the answers that differ from call to call.
_VARYING = ("SequenceNumber", "ShardIterator", "NextShardIterator", "ApproximateArrivalTimestamp")


@contextlib.contextmanager
def _stream(*, patched: bool, shards: int = 3) -> Iterator[Ask]:
    with contextlib.ExitStack() as stack:
        stack.enter_context(request_scope("000000000000", "us-east-1"))
        stack.callback(kinesis.reset)
        for patch in PATCHES if patched else ():
            stack.callback(patch.apply())
        _ask(("CreateStream", {"StreamName": STREAM, "ShardCount": shards}))
        yield _ask


def _ask(step: Step) -> tuple[int, dict[str, Any]]:
    operation, request = step
    return of_service(kinesis, f"Kinesis_20131202.{operation}", request)


def _data(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _put(**members: Any) -> Step:
    return "PutRecord", {"StreamName": STREAM, "PartitionKey": "k", "Data": _data("d"), **members}


def _puts(*records: Any) -> Step:
    return "PutRecords", {"StreamName": STREAM, "Records": list(records)}


def _record(key: str, **members: Any) -> dict[str, Any]:
    return {"PartitionKey": key, "Data": _data(key), **members}


def _without_varying(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_without_varying(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_varying(each) for name, each in value.items() if name not in _VARYING}


def _read(ask: Ask, shard: str, limit: int = 1000) -> list[Any]:
    """All pages of a shard."""
    place = {"StreamName": STREAM, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = ask(("GetShardIterator", place))[1]["ShardIterator"]
    pages: list[Any] = []
    while not pages or pages[-1]["Records"]:
        pages.append(ask(("GetRecords", {"ShardIterator": iterator, "Limit": limit}))[1])
        iterator = pages[-1]["NextShardIterator"]
    return pages


@pytest.mark.parametrize(
    "steps",
    [
        [_put(PartitionKey=f"k{n}") for n in range(20)],
        [_puts(*(_record(f"k{n}") for n in range(40)))],
        [_put(ExplicitHashKey=str(n * 2**126)) for n in range(4)],
        [_put(ExplicitHashKey="x")],
        [_put(StreamName="other")],
        [_put(StreamName=None, StreamARN="arn:aws:kinesis:us-east-1:000000000000:stream/stream")],
        [_put(StreamName=None, StreamARN="arn:aws:kinesis:us-east-2:000000000000:stream/stream")],
        [_put(PartitionKey="")],
        [_put(PartitionKey=KEY_TOO_LONG)],
        [_put(Data=TOO_LARGE)],
        [_put(Data="no base64")],
        [_put(Data="")],
        [_puts(*(_record("k") for _ in range(501)))],
        [_puts(_record("k"), _record(KEY_TOO_LONG))],
        [_puts(*(_record("k", Data=TOO_LARGE[:1_398_000]) for _ in range(5)))],
        [_puts()],
        [("StartStreamEncryption", {"StreamName": STREAM, "EncryptionType": "KMS", "KeyId": "k"}), _put()],
    ],
)  # fmt: skip
def test_a_put_is_answered_and_read_as_by_a_stock_one(steps: list[Step]) -> None:
    found = []
    for is_patched in (False, True):
        with _stream(patched=is_patched) as ask:
            try:
                answers = [ask(step) for step in steps]
            except (TypeError, ValueError) as error:  # which ministack's application answers with 500
                answers = [(500, {"error": str(error)})]
            shards = [each["ShardId"] for each in ask(("ListShards", {"StreamName": STREAM}))[1]["Shards"]]
            found.append(_without_varying((answers, [_read(ask, shard) for shard in shards])))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "request_",
    [
        {"StreamName": "other", "ShardId": "shardId-000000000000", "ShardIteratorType": "LATEST"},
        {"StreamName": STREAM, "ShardId": "shardId-000000000009", "ShardIteratorType": "LATEST"},
        {"StreamName": STREAM, "ShardId": "shardId-000000000000", "ShardIteratorType": "ELSEWHERE"},
        {"StreamName": STREAM, "ShardId": "shardId-000000000000", "ShardIteratorType": "AT_TIMESTAMP"},
    ],
)
def test_a_wrong_request_is_refused_as_by_a_stock_one(request_: dict[str, Any]) -> None:
    found = []
    for is_patched in (False, True):
        with _stream(patched=is_patched) as ask:
            found.append((ask(("GetShardIterator", request_)), ask(("GetRecords", {"ShardIterator": "x"}))))
    assert found[0] == found[1]


def test_pages_follow_each_other_and_latest_begins_with_what_comes() -> None:
    with _stream(patched=True, shards=1) as ask:
        latest = {"StreamName": STREAM, "ShardId": "shardId-000000000000", "ShardIteratorType": "LATEST"}
        first = ask(("GetShardIterator", latest))[1]["ShardIterator"]
        ask(_puts(*(_record(f"k{n}") for n in range(7))))
        later = ask(("GetShardIterator", latest))[1]["ShardIterator"]
        ask(_put(PartitionKey="last"))

        pages = _read(ask, "shardId-000000000000", limit=3)

        assert [len(page["Records"]) for page in pages] == [3, 3, 2, 0]
        assert pages[0]["MillisBehindLatest"] >= 0
        assert pages[-1]["MillisBehindLatest"] == 0
        assert len(ask(("GetRecords", {"ShardIterator": first}))[1]["Records"]) == 8
        (only,) = ask(("GetRecords", {"ShardIterator": later}))[1]["Records"]
        assert only["PartitionKey"] == "last"


def test_an_iterator_of_a_deleted_stream_reads_no_other_one() -> None:
    with _stream(patched=True, shards=1) as ask:
        begin = {"StreamName": STREAM, "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
        iterator = ask(("GetShardIterator", begin))[1]["ShardIterator"]
        ask(("DeleteStream", {"StreamName": STREAM}))
        assert ask(("GetRecords", {"ShardIterator": iterator}))[1]["__type"] == "ResourceNotFoundException"

        ask(("CreateStream", {"StreamName": STREAM, "ShardCount": 1}))
        assert ask(("GetRecords", {"ShardIterator": iterator}))[1]["__type"] == "ResourceNotFoundException"


def test_iterators_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    with _stream(patched=True, shards=1) as ask:
        begin = {"StreamName": STREAM, "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
        iterator = ask(("GetShardIterator", begin))[1]["ShardIterator"]
        monkeypatch.setattr(reads, "ITERATOR_EXPIRY_SECONDS", -1)
        assert ask(("GetRecords", {"ShardIterator": iterator}))[1]["__type"] == "ExpiredIteratorException"


def test_an_iterator_of_a_table_expires_with_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with tables(packed=True) as ask:
        arn = dynamodb._tables["table"]["LatestStreamArn"]
        shards = ask(("DescribeStream", {"StreamArn": arn}))[1]["StreamDescription"]["Shards"]
        begin = {"StreamArn": arn, "ShardId": shards[0]["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = ask(("GetShardIterator", begin))[1]["ShardIterator"]
        ask(("PutItem", {"TableName": "table", "Item": item("h", "1")}))
        assert len(ask(("GetRecords", {"ShardIterator": iterator}))[1]["Records"]) == 1

        monkeypatch.setattr(stream_reads, "_LIFE", "another")

        assert ask(("GetRecords", {"ShardIterator": iterator}))[1]["__type"] == "ExpiredIteratorException"
        wrong = begin | {"ShardId": "shardId-00000000000000000000-00000009"}
        assert ask(("GetShardIterator", wrong))[1]["__type"] == "ResourceNotFoundException"
