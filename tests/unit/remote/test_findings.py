"""What is said about data that make a model look better than it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.remote.scripts import flat, script, walk, windows

findings, splitting = script("findings"), script("splitting")
RANDOM = np.random.default_rng(7)
LABELS = RANDOM.random(400) < 0.5


def said(column: NDArray[Any], labels: NDArray[Any] = LABELS) -> str:
    """What is found in a noisy column and another one."""
    data = flat(np.column_stack((RANDOM.normal(size=len(labels)), column)), labels)
    return "\n".join(findings.findings(data, splitting.split(data, "random", 0), 9))


@pytest.mark.parametrize("column", [np.arange(400), np.arange(0, 4000, 10) + 3, RANDOM.permutation(400)])
def test_a_row_number_is_named(column: NDArray[Any]) -> None:
    assert "column that looks like a row number: 'c1'" in said(column)


@pytest.mark.parametrize("column", [LABELS, LABELS * -5.0, LABELS + RANDOM.random(400) / 2])
def test_a_column_that_repeats_the_label_is_named(column: NDArray[Any]) -> None:
    assert "possible leak, the column alone separates the classes: 'c1'" in said(column)


def test_a_constant_column_is_named() -> None:
    assert "constant column: 'c1'" in said(np.ones(400))


@pytest.mark.parametrize("column", [RANDOM.normal(size=400), RANDOM.integers(0, 100, 400)])
def test_other_columns_are_not(column: NDArray[Any]) -> None:
    assert "column" not in said(column)


def test_many_columns_are_counted() -> None:
    data = flat(np.ones((400, 6)), LABELS)

    (first, *_) = findings.findings(data, splitting.split(data, "random", 0), 9)

    assert first == "constant column: 'c0', 'c1', 'c2' and 3 more"


def test_few_failures_in_the_test_rows_are_counted() -> None:
    rare = np.arange(400) % 40 == 0

    assert "the test rows have only 2 failures" in said(RANDOM.normal(size=400), rare)
    assert "the test rows have only" not in said(RANDOM.normal(size=400))


def test_neighbours_on_both_sides_are_named() -> None:
    made = windows(*walk(40, seed=1))
    data = flat(made.rows, made.labels)

    at_random = findings.findings(data, splitting.split(data, "random", 0), 9)
    by_time = findings.findings(data, splitting.split(data, "", 0), 9)

    assert any("nearly equal" in each and "optimistic" in each for each in at_random)
    assert any("assumed to be in time order" in each for each in by_time)


def test_failures_that_belong_together_are_named() -> None:
    data = flat(RANDOM.normal(size=(400, 2)), LABELS)

    assert any("belong together" in each for each in findings.findings(data, splitting.split(data, "", 0), 1))
