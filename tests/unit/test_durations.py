from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nrti_cli.durations import parse_duration, parse_moment, show_duration

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("30s", 30),
        ("5m", 300),
        ("1.5h", 5400),
        ("2d", 172800),
        ("1w", 604800),
        ("250ms", 0.25),
        (" 1 m ", 60),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("1w2d3h4m5s250ms", 788645.25),
    ],
)
def test_durations_are_written_with_a_unit_or_in_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "m", "-5s", "5 weeks", "1e3", "nan", "0", "0h0m", "30m1h", "1h1h", "5m30", "9" * 400]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0084, "8.4 ms"),
        (0.34, "340 ms"),
        (2.14, "2.1 s"),
        (-0.2, "-200 ms"),
        (300, "5 min"),
        (3 * 3600, "3 h"),
        (86400 * 12, "12 d"),
    ],
)
def test_durations_are_shown_in_few_characters(seconds: float, shown: str) -> None:
    assert show_duration(seconds) == shown


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("10m", "2026-11-22T11:50"),
        ("1h30m", "2026-11-22T10:30"),
        ("90", "2026-11-22T11:58:30"),
        ("2026-11-20", "2026-11-20T00:00"),
        ("20261120", "2026-11-20T00:00"),
        ("2026-11-20 15:37", "2026-11-20T15:37"),
        ("2026-11-20T15:37:01Z", "2026-11-20T15:37:01"),
        ("2026-11-20T15:37:01+01:00", "2026-11-20T14:37:01"),
    ],
)
def test_a_moment_is_so_long_ago_or_absolute_and_utc_without_a_zone(text: str, moment: str) -> None:
    assert parse_moment(text, NOW) == datetime.fromisoformat(f"{moment}+00:00")


@pytest.mark.parametrize(
    "text", ["", "x", "yesterday", "2026-13-01", "2026-11", "9999-12-31T23:59-10:00", "0"]
)
def test_a_moment_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time: write 10m or 1h30m"):
        parse_moment(text, NOW)
