"""Which rows are trained on and which judge: nothing that belongs together is on both sides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.remote.scripts import flat, script, walk, windows

splitting, channel = script("splitting"), script("channel")
RANDOM = np.random.default_rng(3)


def apart(rows: int = 400, **others: Any) -> Any:
    """Rows that have nothing in common with their neighbours, a fifth of them failures."""
    return flat(RANDOM.normal(size=(rows, 3)), np.arange(rows) % 5 == 0, **others)


def test_windows_are_split_by_time_with_a_window_between_the_parts() -> None:
    data = windows(*walk(40, seed=1), size=16, hop=4)

    parts = splitting.split(data, "", 0)

    assert parts.by == "time"
    for earlier, later in ((parts.train, parts.validation), (parts.validation, parts.test)):
        last_row, first_row = earlier.max() * 4 + 16, later.min() * 4
        assert 16 <= first_row - last_row < 20
    assert len(parts.test) == pytest.approx(len(data) / 5, abs=10)


def test_the_gap_is_within_each_group() -> None:
    one = windows(*walk(20, seed=1))
    both = channel.Data(
        one.names,
        np.concatenate((one.rows, one.rows)),
        np.concatenate((one.labels, one.labels)),
        groups=np.repeat([0, 1], len(one)),
        shape=one.shape,
    )

    alone, parts = splitting.split(one, "", 0), splitting.split(both, "", 0)

    assert parts.by == "time"
    assert parts.test[parts.test < len(one)].min() == pytest.approx(alone.test.min(), abs=1)
    assert parts.test[parts.test >= len(one)].min() - len(one) == pytest.approx(alone.test.min(), abs=1)
    assert (
        len(set(range(len(one))) - set(parts.train) - set(parts.validation) - set(parts.test))
        == 2 * parts.gap
    )
    assert len(parts.test) == pytest.approx(2 * len(alone.test), abs=2)


def test_rows_with_a_time_are_split_by_it_wherever_they_are_in_the_file() -> None:
    data = apart(times=RANDOM.permutation(400).astype(np.int64))

    parts = splitting.split(data.in_order(), "", 0)

    times = data.in_order().times
    assert times[parts.train].max() < times[parts.validation].min()
    assert times[parts.validation].max() < times[parts.test].min()


def test_failures_that_are_all_early_move_the_borders() -> None:
    labels = np.zeros(400)
    labels[:200:5] = 1
    data = flat(RANDOM.normal(size=(400, 3)), labels, times=np.arange(400))

    parts = splitting.split(data, "", 0)

    assert parts.by == "time"
    assert all(data.labels[rows].sum() >= 8 for rows in (parts.train, parts.validation, parts.test))


def test_a_single_episode_cannot_be_split_by_time() -> None:
    values, bad = walk(40, seed=1)
    bad[:] = False
    bad[4000:4400] = True

    with pytest.raises(channel.DataError, match=r"split by time, .* 14 failures among 14: .* --split random"):
        splitting.split(windows(values, bad), "time", 0)


def test_groups_stay_together_and_share_the_failures() -> None:
    data = apart(groups=np.arange(400) // 20)

    parts = splitting.split(data, "", 0)

    groups = [set(data.groups[rows]) for rows in (parts.train, parts.validation, parts.test)]
    assert parts.by == "group"
    assert sum(map(len, groups)) == len(set.union(*groups)) == 20
    assert [len(each) for each in groups] == [12, 4, 4]


def test_neighbours_that_overlap_are_taken_to_be_in_time_order() -> None:
    made = windows(*walk(40, seed=1), hop=3)
    data = flat(made.rows, made.labels)

    parts = splitting.split(data, "", 0)

    assert (parts.by, data.hop, parts.gap) == ("time", 3, 10)


def test_rows_that_are_mostly_zero_do_not_overlap() -> None:
    data = flat((RANDOM.random((400, 20)) < 0.02).astype(float), np.arange(400) % 5 == 0)

    assert (data.hop, data.alike, splitting.split(data, "", 0).by) == (0, False, "random")


def test_failures_in_too_few_groups_are_split_by_time_or_at_random() -> None:
    labels = (np.arange(400) < 40) & (np.arange(400) % 2 == 0)
    rows, groups = RANDOM.normal(size=(400, 3)), np.arange(400) // 40

    timed = flat(rows, labels, groups=groups, times=RANDOM.permutation(400).astype(np.int64)).in_order()

    assert splitting.split(timed, "", 0).by == "time"
    assert splitting.split(flat(rows, labels, groups=groups), "", 0).by == "random"


def test_samples_of_a_smooth_signal_are_too() -> None:
    moments = np.linspace(0, 60, 2000)
    signal = np.stack((np.sin(moments), np.cos(moments / 3), RANDOM.normal(scale=0.01, size=2000)), axis=1)

    assert flat(signal[:, :2], np.arange(2000) % 10 == 0).alike
    assert not flat(RANDOM.permutation(signal), np.arange(2000) % 10 == 0).alike


def test_a_random_split_of_what_belongs_together_is_optimistic() -> None:
    assert "neighbour" in splitting.split(windows(*walk(40, seed=1)), "random", 0).optimistic
    assert "rows of a group" in splitting.split(apart(groups=np.arange(400) // 20), "random", 0).optimistic
    assert splitting.split(apart(), "", 0).optimistic == ""


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("time", "name their column with --time"), ("group", "name their column with --group")],
)
def test_a_split_needs_what_it_is_by(wanted: str, said: str) -> None:
    with pytest.raises(channel.DataError, match=said):
        splitting.split(apart(), wanted, 0)
