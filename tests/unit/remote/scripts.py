"""The scripts of a training, imported as they import one another."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nrti_cli.assets import REMOTE


def script(name: str) -> Any:
    """A module beside train.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(REMOTE / "sagemaker")
        return importlib.import_module(name)


def walk(blocks: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """A random walk with one anomaly, a step up or down for a while, in each block of 200 rows."""
    random = np.random.default_rng(seed)
    values, bad = np.cumsum(random.normal(size=blocks * 200)), np.zeros(blocks * 200, dtype=bool)
    for block in range(blocks):
        start = block * 200 + random.integers(20, 168)
        rows = slice(start, start + random.integers(6, 14))
        values[rows] += random.choice([-1, 1]) * random.uniform(1, 8)
        bad[rows] = True
    return values, bad


def windows(values: NDArray[np.float64], bad: NDArray[np.bool_], size: int = 16, hop: int = 4) -> Any:
    """Data of overlapping windows, a failure if any of its rows is."""
    cut = np.lib.stride_tricks.sliding_window_view
    rows, labels = cut(values, size)[::hop].copy(), cut(bad, size)[::hop].any(axis=1).astype(np.int64)
    channel = script("channel")
    names = tuple(f"v[{row}]" for row in range(size))
    return channel.Data(names, rows, labels, shape=channel.Shape(size, hop, 1))


def flat(rows: NDArray[np.float64], labels: NDArray[Any], **others: Any) -> Any:
    """Data of rows as they are."""
    names = tuple(f"c{column}" for column in range(rows.shape[1]))
    return script("channel").Data(names, rows, labels.astype(np.int64), **others)
