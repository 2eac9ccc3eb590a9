"""Counts of CloudWatch's metrics."""

from __future__ import annotations

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from nrti_local.cloudwatch import metrics


def test_a_value_seen_again_counts_up_its_point() -> None:
    with request_scope("000000000000", "us-east-1"):
        for value in (1, 1, 0, 12.3456, 12.3499):
            metrics.add("Test", "Counted", value, "Count", {"Of": "this"})
        points = cloudwatch._metric_bucket(("Test", "Counted", cloudwatch._dims_key({"Of": "this"})))
    totals: dict[float, float] = {}
    for point in points:  # two of a value when the test meets the turn of a minute
        totals[point["Value"]] = totals.get(point["Value"], 0) + point["Count"]
    assert totals == {1.0: 2.0, 0.0: 1.0, 12.3: 2.0}
    assert cloudwatch._calc_stats(points)["SampleCount"] == 5
