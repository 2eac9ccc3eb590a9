"""Shards split and merge without losing a record, and readers find their way from parents to children."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import kinesis

from nrti_local.kinesis import shards, streams
from tests.local.packed_tables import PATCHES, of_service

STREAM = {"StreamName": "stream"}
FIRST = "shardId-000000000000"


@pytest.fixture(autouse=True)
def patched() -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        stack.enter_context(request_scope("000000000000", "us-east-1"))
        stack.callback(kinesis.reset)
        for patch in PATCHES:
            stack.callback(patch.apply())
        yield


def _ask(operation: str, **members: Any) -> dict[str, Any]:
    status, answer = of_service(kinesis, f"Kinesis_20131202.{operation}", members)
    return {"status": status, **answer}


def _create(count: int) -> None:
    _ask("CreateStream", **STREAM, ShardCount=count)
    _ask("DescribeStream", **STREAM)  # makes it active


def _put(*keys: str) -> None:
    for key in keys:
        _ask("PutRecord", **STREAM, PartitionKey=key, Data=base64.b64encode(key.encode()).decode())


def _listed(**members: Any) -> dict[str, dict[str, Any]]:
    return {shard["ShardId"]: shard for shard in _ask("ListShards", **STREAM, **members)["Shards"]}


def _read(shard: str) -> tuple[list[str], dict[str, Any]]:
    """The keys of a shard's records, and its last page."""
    place = _ask("GetShardIterator", **STREAM, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    page = _ask("GetRecords", ShardIterator=place["ShardIterator"])
    return [record["PartitionKey"] for record in page["Records"]], page


def _ranges() -> list[tuple[int, int]]:
    found = shards.open_shards(streams.existing(STREAM)).values()
    return [(shards.first_key(shard), shards.last_key(shard)) for shard in found]


@pytest.mark.parametrize(
    "counts", [(1, 2), (2, 1), (2, 4, 8, 5), (5, 3), (4, 7, 6, 3, 2), (3, 6, 3), (7, 13), (1, 1)]
)
def test_the_open_shards_divide_the_hash_keys_and_no_record_is_lost(counts: tuple[int, ...]) -> None:
    _create(counts[0])
    keys = [f"k{number}" for number in range(40)]
    _put(*keys[:20])
    for count in counts[1:]:
        answer = _ask("UpdateShardCount", **STREAM, TargetShardCount=count, ScalingType="UNIFORM_SCALING")
        assert (answer["status"], answer["TargetShardCount"]) == (200, count)
    _put(*keys[20:])

    ranges = _ranges()
    assert len(ranges) == counts[-1]
    assert _ask("DescribeStreamSummary", **STREAM)["StreamDescriptionSummary"]["OpenShardCount"] == counts[-1]
    assert (ranges[0][0], ranges[-1][1]) == (0, shards.KEYS - 1)
    assert [last + 1 for _, last in ranges[:-1]] == [first for first, _ in ranges[1:]]
    assert sorted(key for name in _listed() for key in _read(name)[0]) == sorted(keys)


@pytest.mark.parametrize(
    ("current", "target", "code", "message"),
    [
        (2, 5, "InvalidArgumentException", "up over double your current open shard count"),
        (5, 2, "InvalidArgumentException", "down below half your current open shard count"),
        (1, 0, "ValidationException", "at least 1"),
    ],
)
def test_a_count_that_is_too_far_away_is_refused(current: int, target: int, code: str, message: str) -> None:
    _create(current)

    answer = _ask("UpdateShardCount", **STREAM, TargetShardCount=target, ScalingType="UNIFORM_SCALING")

    assert (answer["status"], answer["__type"]) == (400, code)
    assert message in answer["message"]
    assert len(_listed()) == current


def test_a_closed_shard_ends_names_its_children_and_they_name_it() -> None:
    _create(1)
    _put("before")
    _ask("SplitShard", **STREAM, ShardToSplit=FIRST, NewStartingHashKey=str(shards.KEYS // 2))
    _put("after")

    listed = _listed()
    parent, *children = listed.values()
    keys, page = _read(FIRST)

    assert "EndingSequenceNumber" in parent["SequenceNumberRange"]
    assert [child["ParentShardId"] for child in children] == [FIRST, FIRST]
    assert keys == ["before"]
    assert "NextShardIterator" not in page
    assert [child["ShardId"] for child in page["ChildShards"]] == [child["ShardId"] for child in children]
    assert [key for child in children for key in _read(child["ShardId"])[0]] == ["after"]


def test_a_merged_shard_has_two_parents() -> None:
    _create(2)
    first, second = _listed()

    _ask("MergeShards", **STREAM, ShardToMerge=second, AdjacentShardToMerge=first)

    (child,) = _listed(ShardFilter={"Type": "AT_LATEST"}).values()
    assert (child["ParentShardId"], child["AdjacentParentShardId"]) == (first, second)


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("MergeShards", ("shardId-000000000000", "shardId-000000000002"), "InvalidArgumentException"),
        ("MergeShards", ("shardId-000000000000", "shardId-000000000009"), "ResourceNotFoundException"),
        ("SplitShard", ("shardId-000000000003", "5"), "InvalidArgumentException"),
        ("SplitShard", ("shardId-000000000000", "0"), "InvalidArgumentException"),
        ("SplitShard", ("shardId-000000000009", "5"), "ResourceNotFoundException"),
    ],
)
def test_what_cannot_be_split_or_merged_is_refused(
    operation: str, members: tuple[str, str], code: str
) -> None:
    _create(4)
    _ask("SplitShard", **STREAM, ShardToSplit="shardId-000000000003", NewStartingHashKey=str(shards.KEYS - 9))
    named = {
        "MergeShards": ("ShardToMerge", "AdjacentShardToMerge"),
        "SplitShard": ("ShardToSplit", "NewStartingHashKey"),
    }[operation]

    answer = _ask(operation, **STREAM, **dict(zip(named, members, strict=True)))

    assert (answer["status"], answer["__type"]) == (400, code)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("AT_LATEST", {1, 2}), ("AT_TRIM_HORIZON", {0}), ("FROM_TRIM_HORIZON", {0, 1, 2}), (None, {0, 1, 2})],
)
def test_a_filter_selects_shards(kind: str | None, expected: set[int]) -> None:
    _create(1)
    _ask("SplitShard", **STREAM, ShardToSplit=FIRST, NewStartingHashKey="5")

    found = _listed(**({"ShardFilter": {"Type": kind}} if kind else {}))

    assert set(found) == {f"shardId-{number:012d}" for number in expected}


def test_a_filter_by_time_selects_the_shards_of_that_time() -> None:
    _create(1)
    _ask("SplitShard", **STREAM, ShardToSplit=FIRST, NewStartingHashKey="5")
    parent = streams.existing(STREAM)["shards"][FIRST]
    parent["closed_at"] -= 100

    def named(kind: str, age: float) -> list[str]:
        moment = parent["closed_at"] + 100 - age
        return list(_listed(ShardFilter={"Type": kind, "Timestamp": moment}))

    assert named("AT_TIMESTAMP", age=200) == [FIRST]
    assert FIRST not in named("AT_TIMESTAMP", age=50)
    assert len(named("FROM_TIMESTAMP", age=200)) == 3
    assert len(named("FROM_TIMESTAMP", age=50)) == 2


def test_pages_of_shards_follow_by_their_token_alone() -> None:
    _create(3)

    first = _ask("ListShards", **STREAM, MaxResults=2)
    second = _ask("ListShards", NextToken=first["NextToken"])
    both = _ask("ListShards", **STREAM, NextToken=first["NextToken"])
    wrong = _ask("ListShards", NextToken="nonsense")
    neither = _ask("ListShards", MaxResults=2)

    assert [shard["ShardId"] for shard in second["Shards"]] == ["shardId-000000000002"]
    assert "NextToken" not in second
    assert both["__type"] == wrong["__type"] == neither["__type"] == "InvalidArgumentException"


def test_an_empty_closed_shard_goes_when_its_records_would_have_expired() -> None:
    _create(1)
    _ask("SplitShard", **STREAM, ShardToSplit=FIRST, NewStartingHashKey="5")
    assert FIRST in _listed()

    streams.existing(STREAM)["shards"][FIRST]["closed_at"] -= 25 * 3600

    assert FIRST not in _listed()
    assert len(_listed(ShardFilter={"Type": "AT_TRIM_HORIZON"})) == 2


def test_a_stream_on_demand_chooses_its_shards_itself() -> None:
    _create(1)
    mode = {
        "StreamARN": streams.existing(STREAM)["StreamARN"],
        "StreamModeDetails": {"StreamMode": "ON_DEMAND"},
    }
    assert _ask("UpdateStreamMode", **mode)["status"] == 200

    answer = _ask("UpdateShardCount", **STREAM, TargetShardCount=2, ScalingType="UNIFORM_SCALING")

    assert answer["__type"] == "ValidationException"
