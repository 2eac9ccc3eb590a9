"""Returns the records of a shard.

A shard iterator stands for a sequence number, where ministack's stands for an index: it stays right when
records expire, costs no memory, needs no search, and outlives a restart.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from ministack.services.kinesis import ITERATOR_EXPIRY_SECONDS

from nrti_local.durability.packed.records import KinesisRecords, Record
from nrti_local.kinesis import shards, streams
from nrti_local.ministack.answers import done, refused
from nrti_local.ministack.entry import Request
from nrti_local.server.asgi import Answer
from nrti_local.server.shared import tokens

#: The most records in an answer.
_LIMIT = 10_000
#: The first member of a token, which ministack's tokens do not have.
_FORM = "nrti"


class ShardIterator(NamedTuple):
    """Where a reader goes on.

    Attributes:
        stream: the ARN of the stream.
        shard: the id of the shard.
        start: the sequence number with which the shard started, which no other shard of this id has.
        number: the sequence number of a record.
        behind: whether to skip that record.
        issued: the time of the iterator, in seconds since the epoch.
    """

    stream: str
    shard: str
    start: str
    number: str
    behind: bool
    issued: float

    def token(self) -> str:
        """The shard iterator, for the client."""
        return tokens.encode([_FORM, *self])


def _decoded(token: str) -> ShardIterator | None:
    """Decodes a token; None if it is not from here."""
    try:
        form, *members = tokens.decode(token)
    except ValueError:
        return None
    return ShardIterator(*members) if form == _FORM else None


def get_shard_iterator(request: Request) -> Answer:
    """Answers GetShardIterator.

    Raises:
        KeyError, TypeError, or ValueError: the request is wrong.
    """
    stream = streams.find(request.get("StreamName"), request.get("StreamARN")) or {}
    shard = stream["shards"][request["ShardId"]]
    streams.expire(stream)
    number, behind = _start(shard["records"], request)
    iterator = ShardIterator(
        stream["StreamARN"],
        request["ShardId"],
        shard["starting_sequence_number"],
        number,
        behind,
        time.time(),
    )
    return done({"ShardIterator": iterator.token()})


def _start(records: KinesisRecords, request: Request) -> tuple[str, bool]:
    """The sequence number at which a new iterator starts, and whether it starts behind it."""
    kind, number = request.get("ShardIteratorType", "LATEST"), str(request.get("StartingSequenceNumber", ""))
    if kind == "AT_TIMESTAMP":
        moment = float(request["Timestamp"])
        later = (record for record in records if record["ApproximateArrivalTimestamp"] >= moment)
        if found := next(later, None):
            return records.number(found), False
    last = records.number(records[-1]) if records else ""
    starts = {
        "TRIM_HORIZON": ("", False),
        "LATEST": (last, True),
        "AT_TIMESTAMP": (last, True),
        "AT_SEQUENCE_NUMBER": (number, False),
        "AFTER_SEQUENCE_NUMBER": (number, True),
    }
    return starts[kind]


def get_records(request: Request) -> Answer | None:
    """Answers GetRecords; None if ministack issued the iterator.

    Raises:
        KeyError, TypeError, or ValueError: the request is wrong.
    """
    iterator = _decoded(request["ShardIterator"])
    if iterator is None:
        return None
    if time.time() - iterator.issued > ITERATOR_EXPIRY_SECONDS:
        return refused("ExpiredIteratorException", "Iterator has expired")
    stream = streams.find(None, iterator.stream)
    if stream is None:
        return refused("ResourceNotFoundException", "Stream not found")
    streams.expire(stream)
    shard = stream["shards"].get(iterator.shard)
    if shard is None or shard["starting_sequence_number"] != iterator.start:
        return refused("ResourceNotFoundException", "Shard not found")
    return _page(shard, iterator, min(request.get("Limit", _LIMIT), _LIMIT), stream)


def _page(shard: shards.Shard, iterator: ShardIterator, limit: int, stream: shards.Stream) -> Answer:
    records: KinesisRecords = shard["records"]
    first = records.position(iterator.number, behind=iterator.behind)
    found = records[first : first + limit]
    if found:
        iterator = iterator._replace(number=records.number(found[-1]), behind=True)
    following = first + len(found)
    is_behind = following < len(records)
    encryption = stream.get("EncryptionType", "NONE")
    members = {
        "Records": [record | {"EncryptionType": encryption} for record in found],
        "MillisBehindLatest": _age(records[following]) if is_behind else 0,
    }
    if shards.is_open(shard) or is_behind:
        members["NextShardIterator"] = iterator._replace(issued=time.time()).token()
    else:
        members["ChildShards"] = shards.children(stream, iterator.shard)
    return done(members)


def _age(record: Record) -> int:
    """The milliseconds since a record arrived."""
    return max(0, int((time.time() - record["ApproximateArrivalTimestamp"]) * 1000))
