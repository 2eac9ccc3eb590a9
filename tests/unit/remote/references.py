"""References of rows, and the counts of later events, for tests of drift."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.unit.remote.scripts import flat, script

Rows = NDArray[np.float64]
THRESHOLD = 0.5


def mixed(count: int, inputs: int, seed: int) -> Rows:
    """Rows with inputs of eight kinds: continuous, discrete, skewed, rare, mostly zero and constant."""
    random = np.random.default_rng(seed)
    kinds = [
        lambda: random.normal(60, 5, count),
        lambda: random.integers(0, 100, count).astype(float),
        lambda: np.full(count, 7.5),
        lambda: (random.random(count) < 0.03).astype(float),
        lambda: random.exponential(1e-6, count),
        lambda: random.integers(0, 5, count) * 100.0,
        lambda: np.where(random.random(count) < 0.6, 0.0, random.normal(3, 1, count)),
        lambda: 1.7e9 + random.random(count),
    ]
    return np.column_stack([kinds[number % len(kinds)]() for number in range(inputs)])  # type: ignore[no-untyped-call]


def scores(count: int, seed: int) -> Rows:
    """Probabilities, of which about four in a hundred are failures."""
    return np.random.default_rng(seed).beta(0.5, 4, count)


def reference(rows: Rows, probabilities: Rows, **others: Any) -> Any:
    """The reference of rows and of the probabilities of as many test rows as there are."""
    return of_data(flat(rows, np.zeros(len(rows)), **others), probabilities)


def of_data(data: Any, probabilities: Rows) -> Any:
    """The reference of data, as a training makes it."""
    test = data.part(np.arange(len(data) - len(probabilities), len(data)))
    return script("reference").describe(data, test, probabilities, THRESHOLD)


def counts(document: Any, rows: Rows, probabilities: Rows) -> list[dict[str, Any]]:
    """What a query counts of these events."""
    values = [(probabilities >= THRESHOLD).astype(float), probabilities, *rows.T]
    return [_count(column, each) for column, each in zip(document["columns"], values, strict=True)]


def _count(column: Any, values: Rows) -> dict[str, Any]:
    known = values[~np.isnan(values)]
    bins = np.searchsorted(column["edges"], known, side="right")
    found = np.bincount(bins, minlength=len(column["edges"]) + 1)
    return {"counts": found.tolist(), "missing": len(values) - len(known)}
