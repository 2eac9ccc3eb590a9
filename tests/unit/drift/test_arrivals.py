"""Sensors that have stopped, and dead letters that have come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from nrti_cli.aws.cloudwatch.metrics import Series
from nrti_cli.drift.letters import DeadLetters, arrived
from nrti_cli.drift.sensors import silent_sensors

SINCE = datetime(2026, 11, 28, tzinfo=UTC)


def test_sensors_that_sent_often_and_no_longer_send_are_silent_sensors() -> None:
    events = {"a": (100, 0), "b": (500, 0), "c": (100, 1), "d": (0, 50), "rare": (5, 0)}

    assert silent_sensors(events) == ["b", "a"]
    assert silent_sensors({}) == []


def test_sensors_that_send_at_random_are_rarely_called_silent_sensors() -> None:
    random = np.random.default_rng(1)

    found = [
        silent_sensors({f"s{number}": random.poisson(rate, 2).tolist() for number, rate in enumerate(rates)})
        for rates in random.uniform(0, 20, (1_000, 50))
    ]

    assert sum(map(bool, found)) <= 10


@pytest.mark.parametrize(
    ("minutes", "visible", "held", "expected"),
    [
        ((), (), (), 0),
        ((0, 1, 2), (5, 5, 5), (0, 0, 0), 0),
        ((0, 1, 2, 3), (5, 8, 0, 4), (0, 0, 0, 0), 7),
        ((0, 1, 2, 3), (5, 1.5, 0, 5), (0, 3.5, 5, 0), 0),  # a command received all and released them
        ((0, 1, 2), (0, 0.25, 1), (0, 0, 0), 1),
        ((30, 31), (5, 6), (0, 0), 6),  # the queue was not in use, so it was empty
    ],
)
def test_letters_are_the_increases_of_the_queue(
    minutes: tuple[int, ...], visible: tuple[float, ...], held: tuple[float, ...], expected: int
) -> None:
    def series(numbers: tuple[float, ...]) -> Series:
        moments = (SINCE + timedelta(minutes=minute) for minute in minutes)
        return Series(tuple(zip(moments, numbers, strict=True)))

    assert arrived(series(visible), series(held), SINCE) == expected


@pytest.mark.parametrize(
    ("letters", "requests", "many"), [(0, 0, False), (5, 100, False), (6, 100, True), (3, 0, True)]
)
def test_more_than_one_in_twenty_are_many(letters: int, requests: int, many: bool) -> None:
    assert DeadLetters(letters, requests).many == many
