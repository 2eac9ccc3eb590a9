"""A time is the moment that botocore reads, and shows it in UTC."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.utils import parse_timestamp

from nrti_local.server.shared.times import read_time


@pytest.mark.parametrize("value", [1795570226.845, 1795570226, 0, "2026-11-25T01:30:26Z", "1795570226"])
def test_a_time_is_the_moment_that_botocore_reads(value: Any) -> None:
    assert read_time(value) == parse_timestamp(value)


def test_a_number_is_shown_in_utc() -> None:
    assert read_time(1795570226.845) == datetime(2026, 11, 25, 1, 30, 26, 845000, UTC)
