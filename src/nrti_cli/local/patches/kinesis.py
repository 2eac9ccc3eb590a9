"""Patches to ministack's Kinesis."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from nrti_cli.local.patches import metrics
from nrti_cli.local.patches.patch import Patch


def _expire_from_the_front(_original: Callable[[Any], None]) -> Callable[[Any], None]:
    def expire(stream: dict[str, Any]) -> None:
        cutoff = time.time() - stream["RetentionPeriodHours"] * 3600
        for shard in stream["shards"].values():
            records = shard["records"]
            if records and records[0]["ApproximateArrivalTimestamp"] < cutoff:
                shard["records"] = [r for r in records if r["ApproximateArrivalTimestamp"] >= cutoff]

    return expire


def _measured(original: Callable[[str, str, bytes], bool]) -> Callable[[str, str, bytes], bool]:
    def put(stream_arn: str, partition_key: str, data: bytes) -> bool:
        name = stream_arn.rpartition("/")[2]
        metrics.add("AWS/Kinesis", "IncomingRecords", 1, "Count", {"StreamName": name})
        return original(stream_arn, partition_key, data)

    return put


PATCHES = (
    Patch(
        "ministack.services.kinesis",
        "put_record_internal",
        "The records that a table sends are not measured.",
        _measured,
    ),
    Patch(
        "ministack.services.kinesis",
        "_expire_records",
        "Every put reads all records of the stream; they lie in order of arrival, so the first one tells.",
        _expire_from_the_front,
    ),
)
