"""The patches that are a function of their own: Kinesis's expiry and CloudWatch's counting."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from nrti_cli.local.packed.records import KinesisRecords
from nrti_cli.local.patches import kinesis, metrics

HOUR = 3600
EXPIRE = next(patch for patch in kinesis.PATCHES if patch.attribute == "_expire_records").replace(None)


@pytest.fixture(autouse=True)
def _request() -> Iterator[None]:
    with request_scope("000000000000", "us-east-1"):
        yield


def test_expired_records_go_and_the_others_stay() -> None:
    now = time.time()
    records = [{"ApproximateArrivalTimestamp": now - age} for age in (25 * HOUR, 24.5 * HOUR, HOUR, 0)]
    stream: dict[str, Any] = {"RetentionPeriodHours": 24, "shards": {"s": {"records": records}}}
    EXPIRE(stream)
    assert list(stream["shards"]["s"]["records"]) == records[2:]


def test_nothing_is_copied_while_nothing_expires() -> None:
    records = KinesisRecords([{"ApproximateArrivalTimestamp": time.time()}])
    stream: dict[str, Any] = {
        "RetentionPeriodHours": 24,
        "shards": {"s": {"records": records}, "t": {"records": []}},
    }
    EXPIRE(stream)
    assert stream["shards"]["s"]["records"] is records


def test_a_value_seen_again_counts_up_its_point() -> None:
    for value in (1, 1, 0, 12.3456, 12.3499):
        metrics.add("Test", "Counted", value, "Count", {"Of": "this"})
    points = cloudwatch._metric_bucket(("Test", "Counted", cloudwatch._dims_key({"Of": "this"})))
    totals: dict[float, float] = {}
    for point in points:  # two of a value when the test meets the turn of a minute
        totals[point["Value"]] = totals.get(point["Value"], 0) + point["Count"]
    assert totals == {1.0: 2.0, 0.0: 1.0, 12.3: 2.0}
    assert cloudwatch._calc_stats(points)["SampleCount"] == 5
