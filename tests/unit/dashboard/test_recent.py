"""Which predictions came in lately, in bounded memory."""

from __future__ import annotations

from nrti_cli.dashboard import recent
from nrti_cli.dashboard.recent import Recent
from nrti_cli.tail import Brief

NOW = 1_800_000_000_000


def brief(number: int, after: int = 0) -> Brief:
    return Brief("robot-7", f"key-{number}", "m", "1", NOW, NOW + after, 0, None)


def test_what_came_in_comes_again_for_two_minutes_at_least() -> None:
    found = Recent()
    assert not found.has(brief(1))

    assert found.has(brief(1, 119_000))
    assert not found.has(brief(2, 130_000))
    assert found.has(brief(1, 140_000))


def test_an_equal_key_of_another_sensor_is_another_prediction() -> None:
    found = Recent()
    found.has(brief(1))

    assert not found.has(Brief("robot-8", "key-1", "m", "1", NOW, NOW, 0, None))


def test_what_is_old_is_forgotten() -> None:
    found = Recent()
    for minute in range(0, 10, 2):
        found.has(brief(minute, minute * 60_001))

    assert not found.has(brief(0, 8 * 60_001))


def test_of_too_many_the_oldest_are_forgotten() -> None:
    found, least = Recent(), recent._OLDER * recent._MOST
    for number in range(3 * least):
        assert not found.has(brief(number))

    assert found.has(brief(2 * least))
    assert found.has(brief(3 * least - 1))
    assert not found.has(brief(least))
