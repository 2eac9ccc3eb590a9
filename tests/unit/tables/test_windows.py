"""Windows are numpy's `sliding_window_view` of the rows of each run."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from nrti_cli.tables.schema import WindowLabel
from nrti_cli.tables.windows import Windows, cut, order, runs


def _rows(count: int, channels: int) -> NDArray[np.float64]:
    return np.random.default_rng(3).normal(size=(count, channels))


def _expected(rows: NDArray[np.float64], size: int, hop: int) -> NDArray[np.float64]:
    """Time by time, as events have it; numpy has the time last."""
    if len(rows) < size:
        return np.empty((0, size * rows.shape[1]))
    return sliding_window_view(rows, size, axis=0)[::hop].transpose(0, 2, 1).reshape(-1, size * rows.shape[1])


@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize(("size", "hop"), [(1, 1), (8, 1), (8, 3), (8, 8), (8, 20), (100, 1)])
def test_the_windows_of_one_run(channels: int, size: int, hop: int) -> None:
    rows = _rows(100, channels)

    assert np.array_equal(cut(rows, runs(100, None, None, None), size, hop)[:], _expected(rows, size, hop))


@pytest.mark.parametrize("hop", [1, 4])
def test_no_window_spans_a_gap_or_a_group(hop: int) -> None:
    rows = _rows(90, 2)
    groups = np.repeat(np.arange(3, dtype=np.int32), 30)
    times = np.tile(np.arange(30) * 1000, 3)
    times[40:60] += 10_000  # within the second group
    times[63] += 1_500  # a row late is no gap

    found = cut(rows, runs(90, groups, times, None), 7, hop)

    parts = [rows[:30], rows[30:40], rows[40:60], rows[60:]]
    assert np.array_equal(found[:], np.concatenate([_expected(part, 7, hop) for part in parts]))


@pytest.mark.parametrize(("max_gap", "count"), [(None, 2), (5, 2), (30, 1), (0.5, 20)])
def test_a_gap_is_longer_than_three_steps_or_than_is_said(max_gap: float | None, count: int) -> None:
    times = np.arange(20) * 1000
    times[10:] += 25_000

    assert len(runs(20, None, times, max_gap).starts) == count


def test_rows_are_put_in_the_order_of_group_and_time_and_those_of_one_time_stay() -> None:
    groups = np.array([1, 0, 1, 0, 0], dtype=np.int32)
    times = np.array([5, 9, 4, 3, 3])

    found = order(groups, times)

    assert found is not None
    assert found.tolist() == [3, 4, 1, 2, 0]
    assert order(groups[found], times[found]) is None
    assert order(None, None) is None


@pytest.mark.parametrize(
    ("rule", "expected"), [("any", [1, 1, 1, 0]), ("last", [0, 1, 0, 0]), ("majority", [0, 1, 0, 0])]
)
def test_the_label_of_a_window(rule: WindowLabel, expected: list[int]) -> None:
    rows = np.zeros((12, 1))
    of_rows = np.array([1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0], dtype=np.int8)

    assert Windows(rows, np.array([0, 3, 6, 9]), 3).labels(of_rows, rule).tolist() == expected


def test_windows_with_a_missing_value_can_be_left_out() -> None:
    rows = _rows(10, 2)
    rows[4, 1] = np.nan

    assert Windows(rows, np.arange(8), 3).complete().starts.tolist() == [0, 1, 5, 6, 7]
