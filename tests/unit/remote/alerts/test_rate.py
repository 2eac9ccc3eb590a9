"""Failure rates: every event is counted once, however often and however late the function runs."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from nrti_cli.remote.alerts_function.rate import Tally, rates
from nrti_cli.remote.alerts_function.readings import Reading
from nrti_cli.remote.alerts_function.table import Item, Table, time_key
from tests.unit.remote.alerts.conftest import MINUTE, NOW, ClientOf, rule, stored

RATE = rule("failure-rate", threshold=0.05, seconds=600, sensor="robot-7")


def _items(*events: tuple[int, bool], model: str = "m") -> list[Item]:
    return [
        Item(f"{time_key(at)}#{n}#{model}", model, failed) for n, (at, failed) in enumerate(sorted(events))
    ]


def _seen(kept: dict[str, Any], items: list[Item], now: int, which: Any = RATE) -> Reading:
    """An evaluation that gets of the items what the table would give it."""
    tally = Tally(which, kept, now)
    first = tally.first("robot-7")
    tally.add("robot-7", [item for item in items if first <= item.key <= f"{time_key(now)}~"])
    return tally.reading(["robot-7"])


def test_a_rate_above_the_limit_is_active() -> None:
    reading = _seen({}, _items(*((NOW - n * 1000, n < 6) for n in range(100))), NOW)

    assert reading == Reading(
        {"": "6% failures in 10m, 6 of 100 events"}, "6% failures in 10m, 6 of 100 events"
    )


def test_a_rate_at_the_limit_is_not() -> None:
    reading = _seen({}, _items(*((NOW - n * 1000, n < 5) for n in range(100))), NOW)

    assert not reading.active
    assert reading.note == "5% failures in 10m, 5 of 100 events"


def test_without_events_there_is_no_alert() -> None:
    assert _seen({}, [], NOW) == Reading(note="no events in 10m")


def test_each_event_is_counted_once_over_many_evaluations() -> None:
    chance = random.Random(7)  # noqa: S311 (no secret)
    events = [(NOW - chance.randrange(20 * MINUTE), chance.random() < 0.1) for _ in range(3000)]
    items, kept = _items(*events), dict[str, Any]()
    now = NOW - 10 * MINUTE
    while now <= NOW:
        reading = _seen(kept, items, now)
        kept = json.loads(json.dumps(kept))  # as it is between two invocations
        now += MINUTE

    # A cell of the window is ten seconds wide.
    window = [failed for at, failed in events if at > NOW - 10 * MINUTE - 10_000]
    within = [failed for at, failed in events if at > NOW - 10 * MINUTE]
    _, counted = reading.note.split(", ")
    failures, total = (int(part.replace(",", "")) for part in counted.removesuffix(" events").split(" of "))
    assert len(within) <= total <= len(window)
    assert sum(within) <= failures <= sum(window)


def test_the_same_evaluation_twice_counts_the_same() -> None:
    items, kept = _items(*((NOW - n * 2000, n % 10 == 0) for n in range(250))), dict[str, Any]()

    first, again = _seen(kept, items, NOW), _seen(kept, items, NOW)

    assert first == again


def test_an_event_that_is_stored_late_is_counted() -> None:
    early, late = _items((NOW - 90_000, False), (NOW - 70_000, False)), _items((NOW - 100_000, True))
    kept: dict[str, Any] = {}
    _seen(kept, early, NOW - 60_000)

    reading = _seen(kept, sorted([*early, *late]), NOW)

    assert reading.note.endswith("1 of 3 events")


def test_a_device_that_sends_its_events_late_and_all_at_once_is_counted() -> None:
    kept: dict[str, Any] = {}
    before = _items((NOW - 9 * MINUTE, False))
    _seen(kept, before, NOW - 8 * MINUTE)

    reading = _seen(kept, [*before, *_items(*((NOW - n * MINUTE, True) for n in range(1, 8)))], NOW)

    assert reading.note.endswith("7 of 8 events")


def test_what_left_the_window_is_forgotten() -> None:
    kept: dict[str, Any] = {}
    items = _items(*((NOW - n * 1000, True) for n in range(100)))
    _seen(kept, items, NOW)
    _seen(kept, items, NOW + 2 * MINUTE)

    assert _seen(kept, items, NOW + 13 * MINUTE).note == "no events in 10m"
    assert not kept["cells"]


def test_only_events_of_its_model_count() -> None:
    mine = rule("failure-rate", threshold=0.05, seconds=600, sensor="robot-7", model="m")
    items = sorted([*_items((NOW - 1000, True)), *_items((NOW - 500, False), model="other")])

    assert _seen({}, items, NOW, mine).note.endswith("1 of 1 events")


def test_sensors_are_counted_together_and_each_is_read_once(client_of: ClientOf) -> None:
    client, stubber = client_of("dynamodb")
    items = [stored(NOW - 5000, 1), stored(NOW - 4500, 0)]
    others = [stored(NOW - 4000, 1, shadow={"N": "1"}), stored(NOW - 3000, 1, rescored={"BOOL": True})]
    for _ in range(2):
        stubber.add_response("query", {"Items": [*items, *others]})
    every = rule("failure-rate", threshold=0.4, seconds=600)
    tallies = {"a": Tally(every, {}, NOW), "b": Tally(RATE, {}, NOW)}

    found = rates(tallies, {"a": ["robot-7", "robot-8"], "b": ["robot-7"]}, Table(client, "t"), NOW)

    assert found["a"].active == {"": "50% failures in 10m, 2 of 4 events"}
    assert found["b"].note == "50% failures in 10m, 1 of 2 events"


def test_a_read_is_limited_to_what_is_new(client_of: ClientOf) -> None:
    client, stubber = client_of("dynamodb")
    kept: dict[str, Any] = {}
    for items, first in (([stored(NOW - 5000)], NOW - 10 * MINUTE), ([], NOW - 5000 - MINUTE)):
        stubber.add_response(
            "query",
            {"Items": items},
            {
                "TableName": "t",
                "KeyConditionExpression": "sensor = :sensor AND #key BETWEEN :first AND :last",
                "ExpressionAttributeNames": {
                    f"#{short}": name
                    for short, name in {
                        "key": "event_key",
                        "model": "model",
                        "prediction": "prediction",
                        "shadow": "shadow",
                        "rescored": "rescored",
                    }.items()
                },
                "ExpressionAttributeValues": {
                    ":sensor": {"S": "robot-7"},
                    ":first": {"S": time_key(first)},
                    ":last": {"S": f"{time_key(NOW)}~"},
                },
                "ProjectionExpression": "#key, #model, #prediction, #shadow, #rescored",
            },
        )
    for _ in range(2):
        rates({"a": Tally(RATE, kept, NOW)}, {"a": ["robot-7"]}, Table(client, "t"), NOW)


@pytest.mark.parametrize("seconds", [60, 3600, 86_400])
def test_the_state_does_not_grow_with_the_window(seconds: int) -> None:
    kept: dict[str, Any] = {}
    wide = rule("failure-rate", threshold=0.05, seconds=seconds, sensor="robot-7")
    items = _items(*((NOW - n * seconds, False) for n in range(1000)))

    _seen(kept, items, NOW, wide)

    assert len(kept["cells"]) <= 62
