"""UpdateShardCount, SplitShard, MergeShards and UpdateStreamMode: without losing a record."""

from __future__ import annotations

from nrti_local.kinesis import shards, streams
from nrti_local.ministack.answers import done, refused
from nrti_local.ministack.entry import Request
from nrti_local.server.asgi import Answer


def update_shard_count(request: Request) -> Answer:
    """Answers UpdateShardCount; on AWS the stream is UPDATING meanwhile, here it takes no time."""
    stream, target = streams.existing(request), int(request["TargetShardCount"])
    current = len(shards.open_shards(stream))
    if streams.is_on_demand(stream):
        return refused("ValidationException", "UpdateShardCount does not apply to an on-demand stream")
    if target < 1:
        return refused("ValidationException", "TargetShardCount must be at least 1")
    if target > 2 * current:
        return refused("InvalidArgumentException", _beyond("up over double", current, target))
    if 2 * target < current:
        return refused("InvalidArgumentException", _beyond("down below half", current, target))
    shards.scale(stream, target)
    return done(
        {
            "StreamName": stream["StreamName"],
            "StreamARN": stream["StreamARN"],
            "CurrentShardCount": current,
            "TargetShardCount": target,
        }
    )


def _beyond(way: str, current: int, target: int) -> str:
    """AWS's message."""
    return (
        f"UpdateShardCount cannot scale {way} your current open shard count. "
        f"Current open shard count: {current} Target shard count: {target}"
    )


def split_shard(request: Request) -> Answer:
    """Answers SplitShard."""
    stream, name = streams.existing(request), request["ShardToSplit"]
    if problem := _closed(stream, name):
        return problem
    shard, at = stream["shards"][name], int(request["NewStartingHashKey"])
    if not shards.first_key(shard) < at <= shards.last_key(shard):
        return refused(
            "InvalidArgumentException", f"NewStartingHashKey {at} is not within the hash keys of {name}"
        )
    shards.split(stream, name, at)
    return done({})


def merge_shards(request: Request) -> Answer:
    """Answers MergeShards."""
    stream = streams.existing(request)
    names = [request["ShardToMerge"], request["AdjacentShardToMerge"]]
    if problem := _closed(stream, *names):
        return problem
    lower, upper = sorted(names, key=lambda name: shards.first_key(stream["shards"][name]))
    if shards.last_key(stream["shards"][lower]) + 1 != shards.first_key(stream["shards"][upper]):
        return refused("InvalidArgumentException", f"Shards {names[0]} and {names[1]} are not adjacent")
    shards.merge(stream, lower, upper)
    return done({})


def update_stream_mode(request: Request) -> Answer:
    """Answers UpdateStreamMode; the shards stay as they are."""
    stream, mode = streams.existing(request), request["StreamModeDetails"]["StreamMode"]
    if mode not in ("ON_DEMAND", "PROVISIONED"):
        return refused("ValidationException", f"StreamMode {mode!r} is neither ON_DEMAND nor PROVISIONED")
    stream["StreamModeDetails"] = {"StreamMode": mode}
    return done({})


def _closed(stream: shards.Stream, *names: str) -> Answer | None:
    """The error if a shard does not exist or is closed."""
    for name in names:
        shard = stream["shards"].get(name)
        if shard is None:
            return refused("ResourceNotFoundException", f"Shard {name} does not exist")
        if not shards.is_open(shard):
            return refused("InvalidArgumentException", f"Shard {name} is closed")
    return None
