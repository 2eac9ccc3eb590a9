"""Adds records to a stream."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from nrti_local.cloudwatch import metrics
from nrti_local.durability.numbers import KINESIS
from nrti_local.durability.packed.records import Record
from nrti_local.dynamodb import identity
from nrti_local.kinesis import shards, streams
from nrti_local.kinesis.arrivals import ARRIVALS
from nrti_local.kinesis.shards import Stream
from nrti_local.ministack.patch import Patch

#: The form in which ministack sends changes of a table. They do not contain themselves: to check that would
#: take a fifth more time.
_encode = json.JSONEncoder(default=str, check_circular=False).encode
_ACTIVE = "ACTIVE"


class Entry(NamedTuple):
    """A record that is to be added.

    Attributes:
        key: its partition key.
        data: its bytes, or their base64 text.
        hash_key: the explicit hash key, which replaces the hash of the partition key.
    """

    key: str
    data: bytes | str
    hash_key: int | None = None


def put_all(stream: Stream, entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """Adds records to an active stream.

    Returns:
        The shard and the sequence number of each.
    """
    streams.expire(stream)
    placed = [_put(stream, entry) for entry in entries]
    ARRIVALS.announce()
    return placed


def _put(stream: Stream, entry: Entry) -> tuple[str, str]:
    shard, number = _shard(stream, entry), KINESIS.next()
    stream["shards"][shard]["records"].append(
        {
            "SequenceNumber": number,
            "ApproximateArrivalTimestamp": round(time.time(), 3),
            "Data": entry.data,
            "PartitionKey": entry.key,
        }
    )
    return shard, number


def _shard(stream: Stream, entry: Entry) -> str:
    """The open shard whose range of hash keys contains the record's."""
    every: dict[str, shards.Shard] = stream["shards"]
    if len(every) > 1:
        wanted = entry.hash_key
        if wanted is None:
            wanted = int.from_bytes(hashlib.md5(entry.key.encode(), usedforsecurity=False).digest())
        for name, shard in every.items():
            if shards.is_open(shard) and shards.first_key(shard) <= wanted <= shards.last_key(shard):
                return name
    return next(iter(every))


def put_changes(stream_arn: str, changes: Sequence[Record]) -> None:
    """Adds changes of a table to a stream; a stream that is not active drops them, as on AWS."""
    _put_measured(stream_arn, [Entry(change["eventID"], _encode(change).encode()) for change in changes])


def _put_measured(stream_arn: str, entries: Sequence[Entry]) -> bool:
    """Adds records that no request of a client measures; False if the stream does not take them."""
    stream = streams.find(None, stream_arn)
    if stream is None or stream["StreamStatus"] != _ACTIVE:
        return False
    values = [("IncomingRecords", 1, "Count")] * len(entries)
    metrics.add_all("AWS/Kinesis", values, {"StreamName": stream["StreamName"]})
    put_all(stream, entries)
    return True


def _put_by_ministack(
    _original: Callable[[str, str, bytes], bool],
) -> Callable[[str, str, bytes], bool]:
    return lambda stream_arn, key, data: _put_measured(stream_arn, [Entry(key, _identified(data))])


def _identified(data: bytes) -> bytes:
    """A change of a table, with its author if that is DynamoDB itself."""
    author = identity.in_kinesis()
    return _encode(json.loads(data) | author).encode() if author else data


PATCHES = (
    Patch(
        "ministack.services.kinesis",
        "put_record_internal",
        "The records of tables are neither measured nor announced to the delivery, and get lower sequence "
        "numbers than those before if the clock is set back.",
        _put_by_ministack,
    ),
)
