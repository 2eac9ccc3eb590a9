"""The patches that are a function of their own: Kinesis's expiry and CloudWatch's counting."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import cloudwatch
from ministack.services import kinesis as kinesis_service

from nrti_local.cloudwatch import metrics
from nrti_local.durability.packed.records import KinesisRecords
from nrti_local.firehose.checkpoint import Checkpoint
from nrti_local.firehose.source import Record as Source
from nrti_local.kinesis import patches as kinesis

HOUR = 3600
EXPIRE = next(patch for patch in kinesis.PATCHES if patch.attribute == "_expire_records").replace(None)


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
    return {"StreamARN": ARN, "RetentionPeriodHours": 24, "shards": {"s": {"records": records}}}


def _left(stream: dict[str, Any]) -> list[str]:
    return [record["SequenceNumber"] for record in stream["shards"]["s"]["records"]]


def test_expired_records_go_and_the_others_stay() -> None:
    stream = _stream(25 * HOUR, 24.5 * HOUR, HOUR, 0)
    EXPIRE(stream)
    assert _left(stream) == ["2", "3"]


def test_what_has_still_to_be_delivered_never_expires(state: Path) -> None:
    stream = _stream(60 * HOUR, 50 * HOUR, 30 * HOUR, 0)
    checkpoint = Checkpoint(state / "d.json", ARN)
    EXPIRE(stream)
    assert _left(stream) == ["0", "1", "2", "3"]

    checkpoint.advance([Source("s", "1", datetime.now(UTC), b"")])
    EXPIRE(stream)
    assert _left(stream) == ["2", "3"]


def test_a_reader_at_work_misses_nothing_when_records_expire() -> None:
    stream = _stream(25 * HOUR, 24.5 * HOUR, HOUR, 0)
    kinesis_service._streams["s"] = stream
    place = {"StreamName": "s", "ShardId": "s", "ShardIteratorType": "TRIM_HORIZON"}
    stream["RetentionPeriodHours"] = 48
    begin = json.loads(kinesis_service._get_shard_iterator(place)[2])["ShardIterator"]
    following = json.loads(kinesis_service._get_records({"ShardIterator": begin, "Limit": 3})[2])

    stream["RetentionPeriodHours"] = 24
    EXPIRE(stream)

    answer = kinesis_service._get_records({"ShardIterator": following["NextShardIterator"]})
    assert [record["SequenceNumber"] for record in json.loads(answer[2])["Records"]] == ["3"]


def test_nothing_is_copied_while_nothing_expires() -> None:
    stream = _stream(0)
    records = stream["shards"]["s"]["records"] = KinesisRecords(stream["shards"]["s"]["records"])
    stream["shards"]["t"] = {"records": []}
    EXPIRE(stream)
    assert stream["shards"]["s"]["records"] is records


def test_a_value_seen_again_counts_up_its_point() -> None:
    for value in (1, 1, 0, 12.3456, 12.3499):
        metrics.add("Test", "Counted", value, "Count", {"Of": "this"})
    points = cloudwatch._metric_bucket(("Test", "Counted", cloudwatch._dims_key({"Of": "this"})))
    totals: dict[float, float] = {}
    for point in points:  # two of a value when the test meets the turn of a minute
        totals[point["Value"]] = totals.get(point["Value"], 0) + point["Count"]
    assert totals == {1.0: 2.0, 0.0: 1.0, 12.3: 2.0}
    assert cloudwatch._calc_stats(points)["SampleCount"] == 5
