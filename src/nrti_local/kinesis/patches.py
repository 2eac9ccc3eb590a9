"""Patches to ministack's Kinesis."""

from __future__ import annotations

import json
import os
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from ministack.services import kinesis

from nrti_local.cloudwatch import metrics
from nrti_local.durability.packed.records import KinesisRecords, Record
from nrti_local.firehose.checkpoint import delivered
from nrti_local.ministack.patch import Patch

#: As ministack has the records of changes, but made once.
_encode = json.JSONEncoder(default=str).encode
#: Records expire together, the first of them so much too late: with each, all iterators have to be moved.
_EXPIRY_SECONDS = 1


def put_changes(stream_arn: str, changes: Sequence[Record]) -> None:
    """Puts changes of a table into a stream, as ministack does with each by itself."""
    stream = kinesis._resolve_stream_by_arn(stream_arn)  # noqa: SLF001
    if not stream or stream.get("StreamStatus") != "ACTIVE":
        return
    _count_incoming(stream_arn, len(changes))
    kinesis._expire_records(stream)  # noqa: SLF001 - which makes all shards KinesisRecords
    for change in changes:
        key = change["eventID"]
        shard = kinesis._route_to_shard(kinesis._partition_key_to_hash(key), stream)  # noqa: SLF001
        record = {
            "SequenceNumber": kinesis._next_sequence_number(),  # noqa: SLF001
            "ApproximateArrivalTimestamp": round(time.time(), 3),
            "Data": _encode(change).encode(),
            "PartitionKey": key,
        }
        stream["shards"][shard]["records"].append(record)
    kinesis.esm_wake.set()


def _expire_from_the_front(_original: Callable[[Any], None]) -> Callable[[Any], None]:
    def expire(stream: dict[str, Any]) -> None:
        cutoff = time.time() - stream["RetentionPeriodHours"] * 3600
        for name, shard in stream["shards"].items():
            if not isinstance(shard["records"], KinesisRecords):  # ministack has just made the shard
                shard["records"] = KinesisRecords(shard["records"])
            records = shard["records"]
            if records and records[0]["ApproximateArrivalTimestamp"] < cutoff - _EXPIRY_SECONDS:
                _forget(stream, name, records, cutoff)

    return expire


def _forget(stream: dict[str, Any], shard: str, records: KinesisRecords, cutoff: float) -> None:
    """Forgets what is older than a time, but for what has still to be delivered.

    On AWS the delivery is always at work, and 24 hours are enough for it. This one stops with the machine on
    which it runs, over a weekend for instance, and has to find then what it had not delivered before.
    """
    through = delivered(Path(os.environ["NRTI_LOCAL_STATE"], "delivery"), stream["StreamARN"], shard)
    expired = takewhile(
        lambda record: (
            record["ApproximateArrivalTimestamp"] < cutoff
            and (through is None or record["SequenceNumber"] <= through)
        ),
        records,
    )
    if count := sum(1 for _ in expired):
        del records[:count]
        _move_iterators(stream, shard, count)


def _move_iterators(stream: dict[str, Any], shard: str, count: int) -> None:
    """Has readers go on at their next record: an iterator is a position in the list, which is shorter now."""
    for iterator in list(kinesis._shard_iterators._data.values()):  # noqa: SLF001 - of all accounts
        if (iterator["stream_arn"], iterator["shard_id"]) == (stream["StreamARN"], shard):
            iterator["position"] = max(0, iterator["position"] - count)


def _search(
    original: Callable[[Sequence[Record], str, str, Any], int | None],
) -> Callable[[Sequence[Record], str, str, Any], int | None]:
    searches = {"AT_SEQUENCE_NUMBER": bisect_left, "AFTER_SEQUENCE_NUMBER": bisect_right}

    def start(records: Sequence[Record], kind: str, number: str, moment: Any) -> int | None:
        if kind in searches:
            return searches[kind](records, number, key=lambda record: record["SequenceNumber"])
        return original(records, kind, number, moment)

    return start


def _expire_oldest(_original: Callable[[], None]) -> Callable[[], None]:
    def expire() -> None:
        cutoff = time.time() - kinesis.ITERATOR_EXPIRY_SECONDS
        iterators = kinesis._shard_iterators._data  # noqa: SLF001 - of all accounts, in the order they were made
        while iterators:
            oldest = next(iter(iterators))
            if iterators[oldest]["created_at"] >= cutoff:
                break
            del iterators[oldest]

    return expire


def _measured(original: Callable[[str, str, bytes], bool]) -> Callable[[str, str, bytes], bool]:
    def put(stream_arn: str, partition_key: str, data: bytes) -> bool:
        _count_incoming(stream_arn, 1)
        return original(stream_arn, partition_key, data)

    return put


def _count_incoming(stream_arn: str, records: int) -> None:
    name = stream_arn.rpartition("/")[2]
    values = [("IncomingRecords", 1, "Count")] * records
    metrics.add_all("AWS/Kinesis", values, {"StreamName": name})


PATCHES = (
    Patch(
        "ministack.services.kinesis",
        "_expire_iterators",
        "Every request looks at all iterators of five minutes, of which each GetRecords makes one.",
        _expire_oldest,
    ),
    Patch(
        "ministack.services.kinesis",
        "put_record_internal",
        "The records that a table sends are not measured.",
        _measured,
    ),
    Patch(
        "ministack.services.kinesis",
        "_expire_records",
        "Every put reads all records of the stream; they lie in order of arrival, so the first one tells. "
        "Each record is kept as a dictionary with base64 text. What a stopped machine has not delivered "
        "expires, and readers that are at work skip as many records as expire.",
        _expire_from_the_front,
    ),
    Patch(
        "ministack.services.kinesis",
        "_start_position",
        "It reads all records up to a sequence number, though they are in order.",
        _search,
    ),
)
