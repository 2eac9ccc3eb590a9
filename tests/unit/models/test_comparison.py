"""What `nrti models compare` draws the rows by for its intervals."""

from __future__ import annotations

import numpy as np
import pytest

from nrti_cli.models.comparison import _units
from nrti_cli.models.training.dataset import Dataset

RANDOM = np.random.default_rng(3)


def dataset(sequences: np.ndarray, times: np.ndarray | None = None) -> Dataset:
    labels = (np.arange(len(sequences)) % 4 == 0).astype(np.int8)
    names = tuple(f"x{number}" for number in range(sequences.shape[1]))
    return Dataset("data.csv", names, sequences, labels, times=times)


@pytest.mark.parametrize(
    ("sequences", "times", "kind", "least"),
    [
        (RANDOM.normal(size=(400, 12)), None, "row", 1),
        (RANDOM.normal(size=(400, 12)), np.arange(400), "block", 7),
        (np.lib.stride_tricks.sliding_window_view(RANDOM.normal(size=411).cumsum(), 12), None, "block", 24),
    ],
)
def test_rows_that_resemble_their_neighbours_are_drawn_in_blocks(
    sequences: np.ndarray, times: np.ndarray | None, kind: str, least: int
) -> None:
    units, order = _units(dataset(sequences, times))

    assert (units.kind, order.tolist()) == (kind, list(range(400)))
    assert units.block >= least
