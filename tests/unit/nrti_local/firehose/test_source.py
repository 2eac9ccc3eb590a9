from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from nrti_local.firehose.checkpoint import Checkpoint
from nrti_local.firehose.source import Record, Source

STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
WHEN = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def kinesis() -> Any:
    return boto3.client("kinesis", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def _shards(stub: Stubber) -> None:
    shard: dict[str, Any] = {
        "ShardId": "shard-0",
        "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "1"},
        "SequenceNumberRange": {"StartingSequenceNumber": "1"},
    }
    stub.add_response("list_shards", {"Shards": [shard]}, {"StreamARN": STREAM})


def _records(stub: Stubber, iterator: str, *numbers: str) -> None:
    records = [
        {"SequenceNumber": n, "ApproximateArrivalTimestamp": WHEN, "Data": n.encode(), "PartitionKey": "p"}
        for n in numbers
    ]
    answer = {"Records": records, "NextShardIterator": f"{iterator}+"}
    stub.add_response("get_records", answer, {"ShardIterator": iterator, "Limit": 10_000})


def test_a_new_stream_is_read_from_its_oldest_record_and_then_on(kinesis: Any, tmp_path: Path) -> None:
    with Stubber(kinesis) as stub:
        _shards(stub)
        stub.add_response(
            "get_shard_iterator",
            {"ShardIterator": "i"},
            {"StreamARN": STREAM, "ShardId": "shard-0", "ShardIteratorType": "TRIM_HORIZON"},
        )
        _records(stub, "i", "1", "2")
        _records(stub, "i+", "3")
        source = Source(kinesis, STREAM, Checkpoint(tmp_path / "c.json", STREAM))

        first, second = list(source.read()), list(source.read())

    assert [record.data for record in first + second] == [b"1", b"2", b"3"]
    stub.assert_no_pending_responses()


def test_reading_goes_on_after_the_checkpoint(kinesis: Any, tmp_path: Path) -> None:
    Checkpoint(tmp_path / "c.json", STREAM).advance([Record("shard-0", "7", WHEN, b"")])
    with Stubber(kinesis) as stub:
        _shards(stub)
        expected = {
            "StreamARN": STREAM,
            "ShardId": "shard-0",
            "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
            "StartingSequenceNumber": "7",
        }
        stub.add_response("get_shard_iterator", {"ShardIterator": "i"}, expected)
        _records(stub, "i")

        assert list(Source(kinesis, STREAM, Checkpoint(tmp_path / "c.json", STREAM)).read()) == []


def test_children_are_read_after_both_parents_have_ended(kinesis: Any, tmp_path: Path) -> None:
    def listed(*names: str) -> None:
        common = {
            "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "1"},
            "SequenceNumberRange": {"StartingSequenceNumber": "1"},
        }
        parents = {"child": {"ParentShardId": "a", "AdjacentParentShardId": "b"}}
        shards = [{"ShardId": name, **common, **parents.get(name, {})} for name in names]
        stub.add_response("list_shards", {"Shards": shards}, {"StreamARN": STREAM})

    def opened(name: str) -> None:
        expected = {"StreamARN": STREAM, "ShardId": name, "ShardIteratorType": "TRIM_HORIZON"}
        stub.add_response("get_shard_iterator", {"ShardIterator": name}, expected)

    def last_page(name: str) -> None:
        record = {
            "SequenceNumber": "1",
            "ApproximateArrivalTimestamp": WHEN,
            "Data": name.encode(),
            "PartitionKey": "p",
        }
        stub.add_response("get_records", {"Records": [record]}, {"ShardIterator": name, "Limit": 10_000})

    with Stubber(kinesis) as stub:
        listed("a", "b", "child")
        opened("a")
        opened("b")
        last_page("a")
        listed("a", "b", "child")  # b is still open to read
        last_page("b")
        listed("a", "b", "child")
        opened("child")
        _records(stub, "child", "2")
        source = Source(kinesis, STREAM, Checkpoint(tmp_path / "c.json", STREAM))

        read = [record.data for _ in range(2) for record in source.read()]

    assert read == [b"a", b"b", b"2"]
    stub.assert_no_pending_responses()


def test_a_child_of_expired_parents_is_read(kinesis: Any, tmp_path: Path) -> None:
    shard: dict[str, Any] = {
        "ShardId": "child",
        "ParentShardId": "gone",
        "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "1"},
        "SequenceNumberRange": {"StartingSequenceNumber": "1"},
    }
    with Stubber(kinesis) as stub:
        stub.add_response("list_shards", {"Shards": [shard]}, {"StreamARN": STREAM})
        expected = {"StreamARN": STREAM, "ShardId": "child", "ShardIteratorType": "TRIM_HORIZON"}
        stub.add_response("get_shard_iterator", {"ShardIterator": "i"}, expected)
        _records(stub, "i", "1")
        source = Source(kinesis, STREAM, Checkpoint(tmp_path / "c.json", STREAM))

        assert [record.data for record in source.read()] == [b"1"]
