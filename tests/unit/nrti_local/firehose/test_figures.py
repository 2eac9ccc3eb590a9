"""The metrics of a delivery."""

from __future__ import annotations

from nrti_local.firehose.figures import Delivered


def test_rows_that_could_not_be_converted_were_not_delivered() -> None:
    found = Delivered(records=5, rows=0, failed=4, age=1.5).metrics()

    assert (found["DeliveryToS3.Records"], found["FailedConversion.Records"]) == (0, 4)
    assert found["DeliveryToS3.DataFreshness"] == 1.5


def test_without_a_conversion_none_fails() -> None:
    assert "FailedConversion.Records" not in Delivered(records=5, rows=5, failed=None, age=1).metrics()
