from __future__ import annotations

import pytest

from nrti_cli.durations import parse_duration, show_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("30s", 30), ("5m", 300), ("1.5h", 5400), ("2d", 172800), ("250ms", 0.25), (" 1 m ", 60)],
)
def test_durations_are_written_with_a_unit_or_in_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "m", "-5s", "5 weeks", "1e3", "nan", "0", "0m"])
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
