"""The records of a stream expire, but never before they are delivered, and readers miss none."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import kinesis

from nrti_local.durability.packed.records import KinesisRecords
from nrti_local.firehose.checkpoint import Checkpoint
from nrti_local.firehose.source import Record as Source
from nrti_local.kinesis import reads
from nrti_local.kinesis.streams import expire
from nrti_local.server.asgi import Answer

HOUR = 3600
ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/s"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the delivery has its checkpoints."""
    monkeypatch.setenv("NRTI_LOCAL_STATE", str(tmp_path))
    with request_scope("000000000000", "us-east-1"):
        yield tmp_path / "delivery"


def _stream(*ages: float) -> dict[str, Any]:
    """A stream whose records came so many seconds ago; the first is number 0."""
    now = time.time()
    records = [
        {
            "SequenceNumber": str(number),
            "ApproximateArrivalTimestamp": now - age,
            "Data": "",
            "PartitionKey": "",
        }
        for number, age in enumerate(ages)
    ]
    shard = {"starting_sequence_number": "0", "records": records}
    return {"StreamName": "s", "StreamARN": ARN, "RetentionPeriodHours": 24, "shards": {"s": shard}}


def _left(stream: dict[str, Any]) -> list[str]:
    return [record["SequenceNumber"] for record in stream["shards"]["s"]["records"]]


def test_expired_records_go_and_the_others_stay() -> None:
    stream = _stream(25 * HOUR, 24.5 * HOUR, HOUR, 0)
    expire(stream)
    assert _left(stream) == ["2", "3"]


def test_what_has_still_to_be_delivered_never_expires(state: Path) -> None:
    stream = _stream(60 * HOUR, 50 * HOUR, 30 * HOUR, 0)
    checkpoint = Checkpoint(state / "d.json", ARN)
    expire(stream)
    assert _left(stream) == ["0", "1", "2", "3"]

    checkpoint.advance([Source("s", "1", datetime.now(UTC), b"")])
    expire(stream)
    assert _left(stream) == ["2", "3"]


def test_a_reader_at_work_misses_nothing_when_records_expire() -> None:
    stream = _stream(25 * HOUR, 24.5 * HOUR, HOUR, 0)
    kinesis._streams["s"] = stream
    place = {"StreamName": "s", "ShardId": "s", "ShardIteratorType": "TRIM_HORIZON"}
    stream["RetentionPeriodHours"] = 48
    begin = _answer(reads.get_shard_iterator(place))["ShardIterator"]
    following = _answer(reads.get_records({"ShardIterator": begin, "Limit": 3}))

    stream["RetentionPeriodHours"] = 24
    expire(stream)

    answer = _answer(reads.get_records({"ShardIterator": following["NextShardIterator"]}))
    assert [record["SequenceNumber"] for record in answer["Records"]] == ["3"]


def _answer(found: Answer | None) -> dict[str, Any]:
    assert found
    answer: dict[str, Any] = json.loads(found[2])
    return answer


def test_nothing_is_copied_while_nothing_expires() -> None:
    stream = _stream(0)
    records = stream["shards"]["s"]["records"] = KinesisRecords(stream["shards"]["s"]["records"])
    stream["shards"]["t"] = {"records": []}
    expire(stream)
    assert stream["shards"]["s"]["records"] is records
