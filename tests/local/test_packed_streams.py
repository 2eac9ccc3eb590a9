"""Streams that are packed are read as before, from wherever a reader wants to."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import dynamodb, kinesis

from nrti_local.durability.packed.records import KinesisRecords, TableRecords
from tests.local.packed_tables import Ask, ask, item, of_service, puts, tables

COUNT = 400
STREAM = "stream"


@pytest.fixture(scope="module", params=[False, True], ids=["stock", "packed"])
def changed(request: pytest.FixtureRequest) -> Iterator[Ask]:
    """A table with many changes, all of which went to its stream and to Kinesis."""
    with tables(packed=request.param) as asked:
        kinesis._create_stream({"StreamName": STREAM, "ShardCount": 1})
        kinesis._streams[STREAM]["StreamStatus"] = "ACTIVE"
        arn = kinesis._streams[STREAM]["StreamARN"]
        asked(("EnableKinesisStreamingDestination", {"TableName": "table", "StreamArn": arn}))
        for start in range(0, COUNT, 25):
            asked(puts("h", range(start, start + 25), 100))
        assert isinstance(dynamodb._stream_records["table"], TableRecords) == request.param
        assert isinstance(_shard()["records"], KinesisRecords) == request.param
        yield asked


def _shard() -> dict[str, Any]:
    (shard,) = kinesis._streams[STREAM]["shards"].values()
    return dict(shard)


def _iterator(kind: str, number: str | None = None) -> tuple[int, dict[str, Any]]:
    arn = dynamodb._tables["table"]["LatestStreamArn"]
    request = {
        "StreamArn": arn,
        "ShardId": "shardId-00000000000000000000-00000001",
        "ShardIteratorType": kind,
    }
    described = ask(("DescribeStream", {"StreamArn": arn}))[1]["StreamDescription"]
    request["ShardId"] = described["Shards"][0]["ShardId"]
    return ask(("GetShardIterator", request | ({"SequenceNumber": number} if number else {})))


def _read(iterator: str, limit: int = 1000) -> list[str]:
    """The range keys of the items in the records, up to the end of the stream."""
    found: list[str] = []
    while True:
        status, answer = ask(("GetRecords", {"ShardIterator": iterator, "Limit": limit}))
        assert status == 200, answer
        if not answer["Records"]:
            return found
        found += [record["dynamodb"]["NewImage"]["r"]["S"] for record in answer["Records"]]
        iterator = answer["NextShardIterator"]


ALL = [f"{number:03d}" for number in range(COUNT)]


@pytest.mark.usefixtures("changed")
@pytest.mark.parametrize("limit", [37, 1000])
def test_a_tables_stream_is_read_from_its_beginning(limit: int) -> None:
    assert _read(_iterator("TRIM_HORIZON")[1]["ShardIterator"], limit) == ALL


@pytest.mark.usefixtures("changed")
@pytest.mark.parametrize("at", [0, 63, 64, 200, COUNT - 1])
def test_a_tables_stream_is_read_from_a_number(at: int) -> None:
    number = dynamodb._stream_records["table"][at]["dynamodb"]["SequenceNumber"]
    assert _read(_iterator("AT_SEQUENCE_NUMBER", number)[1]["ShardIterator"]) == ALL[at:]
    assert _read(_iterator("AFTER_SEQUENCE_NUMBER", number)[1]["ShardIterator"]) == ALL[at + 1 :]


@pytest.mark.usefixtures("changed")
@pytest.mark.parametrize("number", [None, "", "0", "9" * 30])
def test_a_number_that_is_not_there_is_refused(number: str | None) -> None:
    status, answer = _iterator("AT_SEQUENCE_NUMBER", number)
    expected = "TrimmedDataAccessException" if number else "ValidationException"
    assert (status, answer["__type"]) == (400, expected)


def _kinesis(**request: Any) -> list[bytes]:
    shard = next(iter(kinesis._streams[STREAM]["shards"]))
    place = {"StreamName": STREAM, "ShardId": shard, **request}
    _, iterator = of_service(kinesis, "Kinesis_20131202.GetShardIterator", place)
    _, answer = of_service(kinesis, "Kinesis_20131202.GetRecords", iterator)
    return [base64.b64decode(record["Data"]) for record in answer["Records"]]


@pytest.mark.usefixtures("changed")
def test_kinesis_is_read_from_anywhere() -> None:
    whole = _kinesis(ShardIteratorType="TRIM_HORIZON")
    assert [json.loads(data)["dynamodb"]["NewImage"]["r"]["S"] for data in whole] == ALL
    records = _shard()["records"]
    for at in (0, 64, 200, COUNT - 1):
        number, moment = records[at]["SequenceNumber"], records[at]["ApproximateArrivalTimestamp"]
        from_number = {"StartingSequenceNumber": number}
        assert _kinesis(ShardIteratorType="AT_SEQUENCE_NUMBER", **from_number) == whole[at:]
        assert _kinesis(ShardIteratorType="AFTER_SEQUENCE_NUMBER", **from_number) == whole[at + 1 :]
        assert whole[at] in _kinesis(ShardIteratorType="AT_TIMESTAMP", Timestamp=moment)


def test_a_stream_that_was_closed_is_read_to_its_end() -> None:
    with tables(packed=True) as asked:
        for start in range(0, COUNT, 25):
            asked(puts("h", range(start, start + 25), 100))
        number = dynamodb._stream_records["table"][200]["dynamodb"]["SequenceNumber"]
        arn = dynamodb._tables["table"]["LatestStreamArn"]
        asked(("DeleteTable", {"TableName": "table"}))
        described = asked(("DescribeStream", {"StreamArn": arn}))[1]["StreamDescription"]
        request = {"StreamArn": arn, "ShardId": described["Shards"][0]["ShardId"], "SequenceNumber": number}

        _, found = asked(("GetShardIterator", request | {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER"}))
        _, answer = asked(("GetRecords", {"ShardIterator": found["ShardIterator"]}))

        assert len(answer["Records"]) == COUNT - 201
        assert "NextShardIterator" not in answer


def test_records_that_expired_are_gone() -> None:
    with tables(packed=True) as asked:
        for start in range(0, COUNT, 25):
            asked(puts("h", range(start, start + 25), 100))
        day_before = dynamodb._STREAM_RETENTION_SECONDS
        old, dynamodb._stream_records["table"] = dynamodb._stream_records["table"], TableRecords()
        for record in old:
            record["dynamodb"]["ApproximateCreationDateTime"] -= day_before + 60
            dynamodb._stream_records["table"].append(record)
        asked(("PutItem", {"TableName": "table", "Item": item("new", "1")}))

        assert _read(_iterator("TRIM_HORIZON")[1]["ShardIterator"]) == ["1"]
        assert dynamodb._stream_trimmed["table"] == COUNT
