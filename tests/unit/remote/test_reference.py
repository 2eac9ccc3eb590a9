"""What a training keeps of its rows, so that later events can be compared to them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.signal import lfilter

from tests.unit.remote.references import mixed, of_data, reference, scores
from tests.unit.remote.scripts import flat, script, windows

column = script("reference").column
RANDOM = np.random.default_rng(5)


@pytest.mark.parametrize("place", range(8))
def test_all_rows_are_within_the_range_and_no_bin_has_most_of_them_in_part(place: int) -> None:
    values = mixed(5_000, 8, seed=1)[:, place]

    found = column("c", values)

    counts = found["counts"]
    assert len(counts) == len(found["edges"]) + 1
    assert (sum(counts), counts[0], counts[-1]) == (5_000, 0, 0)
    # A bin has more than two tenths of the rows only if they are of one value.
    bins = np.searchsorted(found["edges"], values, side="right")
    assert all(len(set(values[bins == number])) == 1 for number in np.flatnonzero(np.array(counts) > 1_010))


def test_a_value_slightly_outside_the_range_is_outside() -> None:
    found = column("c", np.array([5.0, 6.0, 7.0] * 100))["edges"]

    assert found[0] == 5
    assert 7 < found[-1] < 7.01


@pytest.mark.parametrize("value", [0.0, 7.5, -3e-12, 1e38, -1e38, 1.7e9])
def test_a_constant_has_a_bin_of_its_own(value: float) -> None:
    found = column("c", np.full(50, value))

    assert found["counts"] == [0, 50, 0]
    low, high = found["edges"]
    assert high - low <= max(abs(value), 1) * 1e-3


def test_edges_are_written_in_a_few_characters() -> None:
    found = column("c", 1.7e9 + RANDOM.random(1_000) * 1_000)["edges"]

    assert max(len(json.dumps(edge)) for edge in found) <= 13


def test_missing_values_are_counted_apart() -> None:
    values = np.where(RANDOM.random(1_000) < 0.2, np.nan, RANDOM.normal(size=1_000))

    found = column("c", values)

    assert found["missing"] == int(np.isnan(values).sum())
    assert sum(found["counts"]) + found["missing"] == 1_000
    assert column("c", np.full(9, np.nan))["counts"] == [0]


def test_the_outputs_are_those_of_the_test_rows() -> None:
    found = reference(mixed(5_000, 3, seed=1), scores(1_000, seed=2))

    prediction, probability, *inputs = found["columns"]
    assert [each["name"] for each in found["columns"]] == ["prediction", "probability", "c0", "c1", "c2"]
    assert sum(prediction["counts"]) == sum(probability["counts"]) == 1_000
    assert prediction["counts"][1] == int((scores(1_000, seed=2) >= 0.5).sum())
    assert {sum(each["counts"]) for each in inputs} == {5_000}


def test_independent_rows_count_in_full() -> None:
    timed = reference(mixed(20_000, 2, seed=3), scores(4_000, seed=4), times=np.arange(20_000))
    untimed = reference(mixed(20_000, 2, seed=3), scores(4_000, seed=4))

    assert all(each["design_effect"] <= 2 for each in timed["columns"])
    assert {each["design_effect"] for each in untimed["columns"]} == {1.0}


def test_overlapping_windows_count_as_fewer_rows() -> None:
    # Each value is in four windows, and depends on the ten before it.
    signal = lfilter([1], [1, -0.9], RANDOM.normal(size=80_000))
    data = windows(signal, np.zeros(80_000, dtype=bool), size=16, hop=4)

    found = of_data(data, scores(4_000, seed=4))

    # By theory (1 + 0.9^4) / (1 - 0.9^4) = 4.8 for the mean.
    assert all(3 <= each["design_effect"] <= 10 for each in found["columns"][2:])


def test_a_signal_that_wanders_counts_as_few_rows() -> None:
    slow = np.repeat(RANDOM.normal(size=20), 1_000) + RANDOM.normal(size=20_000)

    found = of_data(flat(slow[:, None], np.zeros(20_000), times=np.arange(20_000)), scores(4_000, seed=4))

    assert 200 <= found["columns"][2]["design_effect"] <= 1_000


def test_with_too_few_rows_for_blocks_nothing_is_known_of_their_dependence() -> None:
    found = of_data(flat(mixed(60, 2, seed=1), np.zeros(60), times=np.arange(60)), scores(20, seed=4))

    assert {each["design_effect"] for each in found["columns"]} == {1.0}


def test_the_groups_of_a_time_are_one_block() -> None:
    """Sensors differ, but all of them send all the time, as they do later."""
    level = np.tile(np.arange(10.0) * 10, 2_000)
    rows = (level + RANDOM.normal(size=20_000))[:, None]
    data = flat(rows, np.zeros(20_000), groups=np.tile(np.arange(10), 2_000), times=np.arange(20_000) // 10)

    found = of_data(data.in_order(), scores(4_000, seed=4))

    assert found["columns"][2]["design_effect"] == 1
