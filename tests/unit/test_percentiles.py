from __future__ import annotations

from random import Random

import pytest

from nrti_cli.percentiles import Percentiles, nearest_rank


@pytest.mark.parametrize(
    ("percent", "value"), [(0, 1), (20, 1), (21, 2), (50, 3), (95, 5), (99, 5), (100, 5)]
)
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(percent: float, value: float) -> None:
    assert nearest_rank([1, 2, 3, 4, 5], percent) == value


@pytest.mark.parametrize("count", [1, 5, 100, 101, 10_000])
def test_few_values_are_exact(count: int) -> None:
    percentiles = Percentiles()
    values = [Random(count).random() for _ in range(count)]  # noqa: S311
    for value in values:
        percentiles.add(value)

    for percent in (0.1, 50, 95, 99, 100):
        assert percentiles.at(percent) == nearest_rank(sorted(values), percent)
    assert percentiles.largest == max(values)


@pytest.mark.parametrize("times", [1, 25])
def test_many_values_are_within_one_percent(times: int) -> None:
    percentiles, rng = Percentiles(), Random(3)  # noqa: S311
    values = sorted(rng.lognormvariate(-4, 1) for _ in range(20_000))
    for value in rng.sample(values, len(values)):
        percentiles.add(value, times)

    for percent in (50, 95, 99, 99.99, 100):
        assert percentiles.at(percent) == pytest.approx(nearest_rank(values, percent), rel=0.011)
    assert percentiles.at(100) <= percentiles.largest == values[-1]  # type: ignore[operator]


def test_there_is_none_of_nothing() -> None:
    assert Percentiles().at(50) is None
