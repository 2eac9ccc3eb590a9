"""Describes the training data and the scores, so that drift of later events can be found: `reference.json`.

A column is the prediction, the probability, or an input, which is a position and channel of the sequences.
Its values are counted in bins between deciles; the first and the last bin are outside the range of the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from bins import BLOCKS, DECILES, design_effect, edges
from splitting import time_ranks

if TYPE_CHECKING:
    from channel import Data, Values
    from numpy.typing import NDArray

#: Rows from which the deciles are taken; they need not be exact.
_LOOKED_AT = 10_000


def describe(data: Data, test: Data, scores: Values, threshold: float) -> dict[str, Any]:
    """The reference.

    Args:
        data: all rows, for the inputs.
        test: the rows that had no part in the training, for the outputs.
        scores: their probabilities.
        threshold: of a failure.
    """
    order = _order(data, ordered=data.ordered)
    order_of_test = _order(test, ordered=data.ordered)
    predicted = (scores >= threshold).astype(np.float64)
    columns = [
        {"name": "prediction", **_histogram(predicted, [1.0], order_of_test)},
        column("probability", scores, order_of_test),
        *(column(name, values, order) for name, values in zip(data.names, data.rows.T, strict=True)),
    ]
    return {"format": 1, "origin": "training", "columns": columns}


def column(name: str, values: Values, order: NDArray[np.intp] | None = None) -> dict[str, Any]:
    """The histogram of a column.

    Args:
        name: of the column.
        values: of the rows, NaN if missing.
        order: of the rows in time, if neighbours may depend on each other.
    """
    return {"name": name, **_histogram(values, _bins(values[~np.isnan(values)]), order)}


def _bins(known: Values) -> list[float]:
    if not len(known):
        return []
    some = known[:: -(-len(known) // _LOOKED_AT)]
    deciles: list[float] = np.quantile(some, DECILES, method="inverted_cdf").tolist()
    found: list[float] = edges(float(known.min()), deciles, float(known.max()))
    return found


def _order(data: Data, *, ordered: bool) -> NDArray[np.intp] | None:
    return np.argsort(time_ranks(data), kind="stable") if ordered else None


def _histogram(values: Values, cuts: list[float], order: NDArray[np.intp] | None) -> dict[str, Any]:
    """The counts of the bins, and how strongly neighbouring rows depend on each other."""
    bins, known = np.searchsorted(cuts, values, side="right"), ~np.isnan(values)
    counts = np.bincount(bins[known], minlength=len(cuts) + 1)
    effect = 1.0 if order is None else design_effect(_blocks(bins[order][known[order]], len(counts)))
    return {
        "edges": cuts,
        "counts": counts.tolist(),
        "missing": int((~known).sum()),
        "design_effect": round(effect, 3),
    }


def _blocks(bins: NDArray[np.intp], width: int) -> list[list[int]]:
    """The counts of blocks of rows in order; none if there are too few rows."""
    size = len(bins) // BLOCKS
    blocks = np.arange(BLOCKS).repeat(size)
    counts = np.bincount(blocks * width + bins[: len(blocks)], minlength=BLOCKS * width)
    found: list[list[int]] = counts.reshape(BLOCKS, width).tolist()
    return found if size else []
