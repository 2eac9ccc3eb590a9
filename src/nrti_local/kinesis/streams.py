"""Finds a stream of ministack, and removes its expired records."""

# ruff: noqa: SLF001
from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

from ministack.services import kinesis

from nrti_local.durability.packed.records import KinesisRecords
from nrti_local.firehose.checkpoint import delivered
from nrti_local.kinesis import shards
from nrti_local.kinesis.shards import Stream
from nrti_local.ministack.patch import Patch, private

_MODULE = "ministack.services.kinesis"
#: Records expire together, the first of them so many seconds too late.
_EXPIRY_SECONDS = 1


def find(name: str | None, arn: str | None) -> Stream | None:
    """A stream of the caller's account and region by its name or its ARN; None if it does not exist."""
    named: Stream | None = kinesis._streams.get(name) if name else None
    if named or not arn:
        return named
    found: Stream | None = kinesis._streams.get(arn.rpartition("/")[2])
    return found if found and found["StreamARN"] == arn else None


def existing(request: Mapping[str, Any]) -> Stream:
    """The stream that a request names.

    Raises:
        KeyError: it does not exist; ministack has the error message.
    """
    stream = find(request.get("StreamName"), request.get("StreamARN"))
    if stream is None:
        raise KeyError("no stream")
    return stream


def is_on_demand(stream: Stream) -> bool:
    """Whether Kinesis chooses the number of shards."""
    return bool(stream.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND")


def expire(stream: Stream) -> None:
    """Removes expired records and empty closed shards, and packs the records of ministack's new shards."""
    cutoff = time.time() - stream["RetentionPeriodHours"] * 3600
    for name, shard in stream["shards"].items():
        if not isinstance(shard["records"], KinesisRecords):
            shard["records"] = KinesisRecords(shard["records"])
        records = shard["records"]
        if records and records[0]["ApproximateArrivalTimestamp"] < cutoff - _EXPIRY_SECONDS:
            _remove(stream, name, records, cutoff)
    shards.forget_closed(stream, cutoff)


def _remove(stream: Stream, shard: str, records: KinesisRecords, cutoff: float) -> None:
    """Removes records that are older than a time, except those that the delivery still has to read.

    On AWS the delivery always runs, and 24 hours are enough for it. This one stops with its machine, over a
    weekend for instance, and has to find everything that it had not delivered before.
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


def _expiring(_original: Callable[[Stream], None]) -> Callable[[Stream], None]:
    return expire


PATCHES = (
    Patch(
        _MODULE,
        "_expire_records",
        "It reads all records of the stream, which are in order of arrival, so that the first one is enough; "
        "and it removes records that a stopped machine has not delivered yet.",
        _expiring,
    ),
)
PRIVATE = private(_MODULE, "_streams")
