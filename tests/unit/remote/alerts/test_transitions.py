"""One message when an alert begins, one when it is over, and none in between or in the cooldown."""

from __future__ import annotations

from typing import Any

from nrti_cli.remote.alerts_function.readings import Reading
from nrti_cli.remote.alerts_function.transitions import Change, follow
from tests.unit.remote.alerts.conftest import MINUTE, NOW, rule

RULE = rule("failure-rate", cooldown=900)
HIGH, LOW = Reading({"": "8% failures"}, "8% failures"), Reading(note="1% failures")
NOTHING = Change({}, {})


def test_it_begins_once_and_ends_once() -> None:
    state: dict[str, Any] = {}
    changes = [
        follow(RULE, state, reading, NOW + minute * MINUTE)
        for minute, reading in enumerate([LOW, HIGH, HIGH, HIGH, LOW, LOW])
    ]

    begun, over = Change({"": "8% failures"}, {}), Change({}, {"": NOW + MINUTE})
    assert changes == [NOTHING, begun, NOTHING, NOTHING, over, NOTHING]


def test_within_the_cooldown_it_does_not_begin_again() -> None:
    state: dict[str, Any] = {}
    for minute, reading in enumerate([HIGH, LOW, HIGH, HIGH]):
        change = follow(RULE, state, reading, NOW + minute * MINUTE)

    assert change == NOTHING
    assert state["active"] == {}
    assert follow(RULE, state, HIGH, NOW + 16 * MINUTE).began == {"": "8% failures"}


def test_what_is_not_known_changes_nothing() -> None:
    state: dict[str, Any] = {}
    follow(RULE, state, HIGH, NOW)

    assert follow(RULE, state, Reading(note="too few", known=False), NOW + MINUTE) == NOTHING
    assert (state["active"], state["note"]) == ({"": NOW}, "too few")


def test_sensors_begin_and_end_each_for_itself() -> None:
    silent, state = rule("silence", cooldown=60), dict[str, Any]()
    first = follow(silent, state, Reading({"a": "x", "b": "y"}), NOW)
    second = follow(silent, state, Reading({"b": "y", "c": "z"}), NOW + MINUTE)

    assert first == Change({"a": "x", "b": "y"}, {})
    assert second == Change({"c": "z"}, {"a": NOW})
