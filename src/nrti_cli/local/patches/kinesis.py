"""Patches to ministack's Kinesis."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from nrti_cli.local.patches.patch import Patch


def _expire_from_the_front(_original: Callable[[Any], None]) -> Callable[[Any], None]:
    def expire(stream: dict[str, Any]) -> None:
        cutoff = time.time() - stream["RetentionPeriodHours"] * 3600
        for shard in stream["shards"].values():
            records = shard["records"]
            if records and records[0]["ApproximateArrivalTimestamp"] < cutoff:
                shard["records"] = [r for r in records if r["ApproximateArrivalTimestamp"] >= cutoff]

    return expire


PATCHES = (
    Patch(
        "ministack.services.kinesis",
        "_expire_records",
        "Every put reads all records of the stream; they lie in order of arrival, so the first one tells.",
        _expire_from_the_front,
    ),
)
