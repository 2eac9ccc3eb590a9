"""The shards of a stream: which are open, how they split and merge, and when a closed one is forgotten.

A closed shard keeps its records until they expire. Its children have all later records of its hash keys, so
that a reader who finishes a shard before its children reads the records of each key in order.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from nrti_local.durability.numbers import KINESIS
from nrti_local.durability.packed.records import KinesisRecords

#: A stream, and one of its shards, as ministack has them.
Stream = dict[str, Any]
Shard = dict[str, Any]
#: The number of hash keys: MD5 has 128 bits.
KEYS = 2**128


def is_open(shard: Shard) -> bool:
    """Whether it accepts records."""
    return "ending_sequence_number" not in shard


def open_shards(stream: Stream) -> dict[str, Shard]:
    """The shards that accept records, in the order of their hash keys."""
    found = {name: shard for name, shard in stream["shards"].items() if is_open(shard)}
    return dict(sorted(found.items(), key=lambda each: first_key(each[1])))


def first_key(shard: Shard) -> int:
    """The lowest of its hash keys."""
    return int(shard["starting_hash_key"])


def last_key(shard: Shard) -> int:
    """The highest of its hash keys."""
    return int(shard["ending_hash_key"])


def children(stream: Stream, parent: str) -> list[dict[str, Any]]:
    """The children of a closed shard, as GetRecords returns them at its end."""
    return [
        {
            "ShardId": name,
            "ParentShards": parents,
            "HashKeyRange": {
                "StartingHashKey": shard["starting_hash_key"],
                "EndingHashKey": shard["ending_hash_key"],
            },
        }
        for name, shard in sorted(stream["shards"].items())
        if parent in (parents := parents_of(shard))
    ]


def parents_of(shard: Shard) -> list[str]:
    """The names of the shards that it replaced."""
    named = (shard.get("parent_shard_id"), shard.get("adjacent_parent_shard_id"))
    return [name for name in named if name]


def split(stream: Stream, name: str, at: int) -> None:
    """Closes a shard; one child has the hash keys below `at`, the other the rest."""
    parent = stream["shards"][name]
    _replace(stream, [name], [(first_key(parent), at - 1), (at, last_key(parent))])


def merge(stream: Stream, lower: str, upper: str) -> str:
    """Closes two adjacent shards; returns the name of their child."""
    first, second = stream["shards"][lower], stream["shards"][upper]
    (child,) = _replace(stream, [lower, upper], [(first_key(first), last_key(second))])
    return child


def scale(stream: Stream, count: int) -> None:
    """Splits and merges until there are `count` open shards with ranges of the same size."""
    starts = [number * (KEYS // count) for number in range(count)]
    for start in starts:
        name, shard = next(each for each in open_shards(stream).items() if start <= last_key(each[1]))
        if first_key(shard) < start:
            split(stream, name, start)
    for start, following in zip(starts, [*starts[1:], KEYS], strict=True):
        lower, *others = [
            name for name, shard in open_shards(stream).items() if start <= first_key(shard) < following
        ]
        for upper in others:
            lower = merge(stream, lower, upper)


def forget_closed(stream: Stream, cutoff: float) -> None:
    """Removes the shards that were closed before a time and have no records left."""
    gone = {
        name
        for name, shard in stream["shards"].items()
        if not is_open(shard) and not shard["records"] and shard["closed_at"] < cutoff
    }
    if gone:
        stream["shards"] = {name: shard for name, shard in stream["shards"].items() if name not in gone}


def _replace(stream: Stream, parents: list[str], ranges: list[tuple[int, int]]) -> list[str]:
    """Closes the parents and opens a child for each range; returns the names of the children."""
    for name in parents:
        stream["shards"][name] |= {"ending_sequence_number": KINESIS.next(), "closed_at": time.time()}
    children = dict(zip(_new_names(stream), (_child(parents, keys) for keys in ranges), strict=False))
    # ministack puts a record that came as CBOR into the first shard with its hash key, which must be open.
    stream["shards"] = {**children, **stream["shards"]}
    return list(children)


def _new_names(stream: Stream) -> Iterator[str]:
    number = max(int(name.rpartition("-")[2]) for name in stream["shards"])
    while True:
        number += 1
        yield f"shardId-{number:012d}"


def _child(parents: list[str], keys: tuple[int, int]) -> Shard:
    parent, adjacent = (*parents, None)[:2]
    return {
        "records": KinesisRecords(),
        "starting_hash_key": str(keys[0]),
        "ending_hash_key": str(keys[1]),
        "starting_sequence_number": KINESIS.next(),
        "parent_shard_id": parent,
        "adjacent_parent_shard_id": adjacent,
    }
