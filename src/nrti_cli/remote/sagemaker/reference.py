"""Describes the training data and the scores, so that drift of later events can be found: `reference.json`.

A column is the prediction, the probability, or an input, which is a position and channel of the sequences.
Its values are counted in bins between deciles; the first and the last bin are outside the range of the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from edges import DECILES, edges
from splitting import time_ranks

if TYPE_CHECKING:
    from channel import Data, Values
    from numpy.typing import NDArray

#: Rows from which the deciles are taken; they need not be exact.
_LOOKED_AT = 10_000
#: The rows in their order are cut into long blocks, and each of these into short ones.
BLOCKS, _PARTS = 20, 4


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
    effect, variance = (1.0, 0.0) if order is None else _dependence(bins[order][known[order]], len(counts))
    return {
        "edges": cuts,
        "counts": counts.tolist(),
        "missing": int((~known).sum()),
        "design_effect": round(effect, 3),
        "block_variance": float(f"{variance:.3g}"),
    }


def _dependence(bins: NDArray[np.intp], width: int) -> tuple[float, float]:
    """Design effect and block variance of rows in order, from the variance of the shares in blocks.

    The variance for blocks of s rows is about `effect / s + variance`, in units of that of one row: the first
    part is due to neighbours that resemble each other, as overlapping windows do, the second to slow changes.
    """
    size = len(bins) // (BLOCKS * _PARTS)
    if not size:
        return 1.0, 0.0
    blocks = np.arange(BLOCKS * _PARTS).repeat(size)
    counts = np.bincount(blocks * width + bins[: len(blocks)], minlength=BLOCKS * _PARTS * width)
    short = counts.reshape(-1, width)
    of_short, of_long = (
        _variance(each) for each in (short, short.reshape(BLOCKS, _PARTS, width).sum(axis=1))
    )
    length = size * _PARTS
    effect = max((of_short - of_long) / (1 / size - 1 / length), 1.0)
    return effect, max(of_long - effect / length, 0.0)


def _variance(counts: NDArray[np.intp]) -> float:
    """The variance of the cumulative shares between blocks, in units of that of one row."""
    shares = np.cumsum(counts, axis=1)[:, :-1] / counts.sum(axis=1, keepdims=True)
    of_row = (shares.mean(axis=0) * (1 - shares.mean(axis=0))).sum()
    return float(shares.var(axis=0, ddof=1).sum() / of_row) if of_row > 0 else 0.0
