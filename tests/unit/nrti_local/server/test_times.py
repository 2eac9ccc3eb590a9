"""A time is the moment that botocore reads, and shows it in UTC."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.utils import parse_timestamp

import nrti_local
from nrti_local.server.shared.times import now, read_time

SOURCE = Path(nrti_local.__file__).parent


@pytest.mark.parametrize("value", [1795570226.845, 1795570226, 0, "2026-11-25T01:30:26Z", "1795570226"])
def test_a_time_is_the_moment_that_botocore_reads(value: Any) -> None:
    assert read_time(value) == parse_timestamp(value)


def test_a_number_is_shown_in_utc() -> None:
    assert read_time(1795570226.845) == datetime(2026, 11, 25, 1, 30, 26, 845000, UTC)


def test_the_current_time_is_that_of_the_clock_that_tests_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1795570226.0)

    assert now() == datetime(2026, 11, 25, 1, 30, 26, tzinfo=UTC)
    reads_another = [path for path in SOURCE.rglob("*.py") if "datetime.now(" in path.read_text("utf-8")]
    assert reads_another == [SOURCE / "process.py"]  # it runs in commands
