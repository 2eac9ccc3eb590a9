# ruff: noqa: S608 (the tests' SQL)
"""Changes that Kinesis delivers twice and out of order: the lake shows each prediction once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs
from tests.local.conftest import Nrti
from tests.waiting import eventually

COUNT = 12


def item(sensor: str, number: int) -> dict[str, Any]:
    time = {"N": str(1_800_000_000_000 + number)}
    return {
        "sensor": {"S": sensor},
        "event_key": {"S": f"2027-01-15T08:00:00.{number:03d}Z#e{number}"},
        "event_id": {"S": f"e{number}"},
        "model": {"S": "failure-v1"},
        "timestamp": time,
        "received_at": time,
        "predicted_at": time,
        "data": {"L": [{"N": "3"}, {"N": "97"}, {"N": "12"}]},
        "prediction": {"N": "1"},
        "probability": {"N": "0.75"},
        "endpoint": {"S": "nrti-failure-v1"},
    }


def changes(target: Target, sensor: str) -> list[bytes]:
    """The changes of a sensor, as they stand in the Kinesis stream."""
    return [data for data in _stream(target) if f'"{sensor}"'.encode() in data]


def _stream(target: Target) -> Iterator[bytes]:
    kinesis, stream = target.client("kinesis"), outputs(target).stream
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while records := (answer := kinesis.get_records(ShardIterator=iterator))["Records"]:
            yield from (record["Data"] for record in records)
            iterator = answer["NextShardIterator"]


def rows(nrti: Nrti, table: str, sensor: str) -> list[dict[str, Any]]:
    sql = f"select event_id, event_time, probability, data from {table} where sensor = '{sensor}' order by 2"
    done = nrti("query", sql, "--format", "json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_change_that_comes_twice_and_late_is_one_prediction(
    pipeline: Target, nrti: Nrti, sensor: str
) -> None:
    found = outputs(pipeline)
    for number in range(COUNT):
        pipeline.client("dynamodb").put_item(TableName=found.table, Item=item(sensor, number))
    eventually(lambda: changes(pipeline, sensor), lambda found: len(found) == COUNT)
    eventually(lambda: rows(nrti, "predictions_raw", sensor), lambda found: len(found) == COUNT)
    for data in reversed(changes(pipeline, sensor)):
        pipeline.client("kinesis").put_record(StreamName=found.stream, Data=data, PartitionKey="p")
    eventually(lambda: rows(nrti, "predictions_raw", sensor), lambda found: len(found) == 2 * COUNT)

    reply = rows(nrti, "predictions", sensor)

    assert [row["event_id"] for row in reply] == [f"e{number}" for number in range(COUNT)]
    assert {(row["probability"], tuple(row["data"])) for row in reply} == {(0.75, (3.0, 97.0, 12.0))}
    assert "predictions" in nrti("query", "show views").stdout


def test_the_view_reads_the_days_that_are_asked_for(pipeline: Target, nrti: Nrti, sensor: str) -> None:
    pipeline.client("dynamodb").put_item(TableName=outputs(pipeline).table, Item=item(sensor, 0))
    eventually(lambda: rows(nrti, "predictions", sensor))
    whole = nrti("query", "select sensor from predictions").stderr
    none = nrti("query", "select sensor from predictions where day = '2026-01-01'").stderr

    assert " 0 B scanned" in none
    assert " 0 B scanned" not in whole
