"""ListShards, DescribeStream and DescribeStreamSummary: with the shards that are closed, and their ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ministack.services import kinesis

from nrti_local.kinesis import shards, streams
from nrti_local.ministack.answers import done, refused
from nrti_local.ministack.entry import Request
from nrti_local.server.asgi import Answer
from nrti_local.server.shared import tokens
from nrti_local.server.shared.ask import ask_json

#: AWS's limits: shards in a page of ListShards and of DescribeStream, and the seconds that a token is valid.
_SHARDS, _DESCRIBED, _TOKEN_SECONDS = 1_000, 100, 300
#: What a token stands for.
_REMEMBERED = ("StreamName", "StreamARN", "ShardFilter")


def list_shards(request: Request) -> Answer:
    """Answers ListShards. A NextToken stands for the stream and the filter too, and comes without them."""
    place: dict[str, Any] = {"after": "", **dict(request)}
    if token := request.get("NextToken"):
        if request.keys() & {"StreamName", "StreamARN"}:
            return refused(
                "InvalidArgumentException", "NextToken and StreamName cannot be provided together."
            )
        try:
            issued, place = tokens.decode(token)
        except ValueError:
            return refused("InvalidArgumentException", "Invalid NextToken")
        if time.time() - issued > _TOKEN_SECONDS:
            return refused(
                "ExpiredNextTokenException", "NextToken has expired. Tokens expire in 300 seconds."
            )
    elif not request.keys() & {"StreamName", "StreamARN"}:
        return refused("InvalidArgumentException", "Either NextToken or StreamName should be provided.")
    stream = streams.existing(place)
    streams.expire(stream)
    after = max(place["after"], place.get("ExclusiveStartShardId") or "")
    found = [name for name in _filtered(stream, place.get("ShardFilter") or {}) if name > after]
    page = found[: request.get("MaxResults", _SHARDS)]
    answer: dict[str, Any] = {"Shards": _described(stream, page)}
    if len(page) < len(found):
        kept = {name: place[name] for name in _REMEMBERED if name in place}
        following: list[Any] = [time.time(), kept | {"after": page[-1]}]
        answer["NextToken"] = tokens.encode(following)
    return done(answer)


def _filtered(stream: shards.Stream, wanted: dict[str, Any]) -> list[str]:
    """The names of the shards that a ShardFilter selects, in order.

    Raises:
        KeyError: there is no such type, or its other member is missing.
    """
    selects: dict[str, Callable[[str, shards.Shard], bool]] = {
        "AFTER_SHARD_ID": lambda name, _: name > wanted["ShardId"],
        "AT_LATEST": lambda _, shard: shards.is_open(shard),
        "AT_TIMESTAMP": lambda _, shard: (
            not _closed_by(shard, wanted)
            and (_is_root(stream, shard) or _opened_at(shard) <= float(wanted["Timestamp"]))
        ),
        "AT_TRIM_HORIZON": lambda _, shard: _is_root(stream, shard),
        "FROM_TIMESTAMP": lambda _, shard: not _closed_by(shard, wanted),
        "FROM_TRIM_HORIZON": lambda _name, _shard: True,
    }
    selected = selects[wanted.get("Type", "FROM_TRIM_HORIZON")]
    return [name for name, shard in sorted(stream["shards"].items()) if selected(name, shard)]


def _closed_by(shard: shards.Shard, wanted: dict[str, Any]) -> bool:
    return not shards.is_open(shard) and bool(shard["closed_at"] < float(wanted["Timestamp"]))


def _is_root(stream: shards.Stream, shard: shards.Shard) -> bool:
    """Whether nothing before it is left in the stream."""
    return not stream["shards"].keys() & set(shards.parents_of(shard))


def _opened_at(shard: shards.Shard) -> float:
    """Seconds since the epoch: a sequence number begins with milliseconds."""
    return int(shard["starting_sequence_number"][:20]) / 1000


def describe_stream(request: Request) -> Answer:
    """Answers DescribeStream."""
    stream = streams.existing(request)
    streams.expire(stream)
    names = [name for name in sorted(stream["shards"]) if name > request.get("ExclusiveStartShardId", "")]
    page = names[: request.get("Limit", _DESCRIBED)]
    members = {"Shards": _described(stream, page), "HasMoreShards": len(page) < len(names)}
    return done({"StreamDescription": {**_facts(stream), **members}})


def describe_stream_summary(request: Request) -> Answer:
    """Answers DescribeStreamSummary."""
    stream = streams.existing(request)
    consumers = ask_json(kinesis, "Kinesis_20131202.ListStreamConsumers", {"StreamARN": stream["StreamARN"]})[
        "Consumers"
    ]
    counts = {"OpenShardCount": len(shards.open_shards(stream)), "ConsumerCount": len(consumers)}
    return done({"StreamDescriptionSummary": {**_facts(stream), **counts}})


def _facts(stream: shards.Stream) -> dict[str, Any]:
    """What both descriptions have; reading them makes a new stream active, as in ministack."""
    if stream["StreamStatus"] == "CREATING":
        stream["StreamStatus"] = "ACTIVE"
    key = {"KeyId": stream["KeyId"]} if stream.get("KeyId") else {}
    return {
        "StreamName": stream["StreamName"],
        "StreamARN": stream["StreamARN"],
        "StreamStatus": stream["StreamStatus"],
        "StreamModeDetails": stream.get("StreamModeDetails", {"StreamMode": "PROVISIONED"}),
        "RetentionPeriodHours": stream["RetentionPeriodHours"],
        "StreamCreationTimestamp": stream["CreationTimestamp"],
        "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
        "EncryptionType": stream.get("EncryptionType", "NONE"),
        **key,
    }


def _described(stream: shards.Stream, names: list[str]) -> list[dict[str, Any]]:
    return [_shard(name, stream["shards"][name]) for name in names]


def _shard(name: str, shard: shards.Shard) -> dict[str, Any]:
    """A shard, as ListShards and DescribeStream return it."""
    numbers = {"StartingSequenceNumber": shard["starting_sequence_number"]}
    if not shards.is_open(shard):
        numbers["EndingSequenceNumber"] = shard["ending_sequence_number"]
    parents = {
        "ParentShardId": shard.get("parent_shard_id"),
        "AdjacentParentShardId": shard.get("adjacent_parent_shard_id"),
    }
    return {
        "ShardId": name,
        "HashKeyRange": {
            "StartingHashKey": shard["starting_hash_key"],
            "EndingHashKey": shard["ending_hash_key"],
        },
        "SequenceNumberRange": numbers,
        **{member: parent for member, parent in parents.items() if parent},
    }
