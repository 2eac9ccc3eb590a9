from __future__ import annotations

import itertools
from random import Random
from statistics import mean

import pytest

from nrti_cli.producer.schedule import Arrivals, Schedule


def times(
    arrivals: Arrivals, rate: float, *, duration: float | None = None, batch: int = 1, seed: int = 1
) -> list[float]:
    schedule = Schedule(rate, arrivals, start=1000, duration=duration, rng=Random(seed))  # noqa: S311
    due = (schedule.due(batch) for _ in range(20_000))
    return [
        time - 1000 for time in itertools.takewhile(lambda time: time is not None, due) if time is not None
    ]


def gaps(due: list[float]) -> list[float]:
    return [later - earlier for earlier, later in itertools.pairwise(due)]


def test_the_first_event_is_due_at_once_and_steady_gaps_are_all_the_same() -> None:
    assert times("steady", 4)[:4] == [0, 0.25, 0.5, 0.75]


@pytest.mark.parametrize(("rate", "duration"), [(100, 3), (3, 10), (0.5, 60), (1000, 10)])
def test_a_duration_gives_exactly_the_events_of_its_rate(rate: float, duration: float) -> None:
    assert len(times("steady", rate, duration=duration)) == rate * duration


def test_uniform_gaps_lie_between_nothing_and_twice_the_mean() -> None:
    drawn = gaps(times("uniform", 50))
    assert min(drawn) >= 0
    assert max(drawn) <= 2 / 50
    assert mean(drawn) == pytest.approx(1 / 50, rel=0.02)


def test_poisson_gaps_are_exponential() -> None:
    drawn = gaps(times("poisson", 50))
    assert mean(drawn) == pytest.approx(1 / 50, rel=0.03)
    beyond_the_mean = sum(gap > 1 / 50 for gap in drawn) / len(drawn)
    assert beyond_the_mean == pytest.approx(0.368, abs=0.01)


def test_the_rate_counts_events_whatever_the_batch() -> None:
    assert times("steady", 100, batch=25)[:3] == [0, 0.25, 0.5]


def test_a_seed_draws_the_same_times_again() -> None:
    assert times("uniform", 5, seed=7) == times("uniform", 5, seed=7)
    assert times("uniform", 5, seed=7) != times("uniform", 5, seed=8)


def test_events_that_come_late_move_the_schedule_along() -> None:
    schedule = Schedule(10, "steady", start=0, duration=None, rng=Random(1))  # noqa: S311
    assert schedule.due(1) == 0
    assert schedule.due(1, available=5.0) == 5.0
    assert schedule.due(1, available=5.0) == pytest.approx(5.1)
