"""The charts of the report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from charts import Chart

if TYPE_CHECKING:
    from metrics import Scored
    from numpy.typing import NDArray

_POINTS = 300
_DOTS = 1500
_BINS = 10


def precision_recall(scored: Scored) -> str:
    """Precision over recall for every threshold, and the base rate."""
    order = np.argsort(-scored.scores, kind="stable")
    hits = np.cumsum(scored.labels[order])
    ends = np.append(np.flatnonzero(np.diff(scored.scores[order])), len(order) - 1)
    recall, precision = hits[ends] / hits[-1], hits[ends] / (ends + 1)
    chosen = np.unique(np.linspace(0, len(ends) - 1, _POINTS).astype(int))
    chart = Chart("recall", "precision")
    chart.line([(0, scored.base_rate), (1, scored.base_rate)], "guess")
    chart.line([(0.0, precision[0]), *zip(recall[chosen], precision[chosen], strict=True)], "main")
    figures = scored.figures
    chart.dots([(figures["recall"], figures["precision"])], "chosen", 5)
    return str(chart.svg("precision over recall"))


def calibration(scored: Scored) -> str:
    """The share of failures among rows of similar probability; on the diagonal if probabilities are right."""
    order = np.argsort(scored.scores, kind="stable")
    bins = [rows for rows in np.array_split(order, _BINS) if len(rows)]
    points = [(float(scored.scores[rows].mean()), float(scored.labels[rows].mean())) for rows in bins]
    chart = Chart("mean probability", "share of failures")
    chart.line([(0, 0), (1, 1)], "guess")
    chart.line(points, "main")
    chart.dots(points, "point", 4)
    return str(chart.svg("share of failures over probability"))


def over_time(scored: Scored, threshold: float, times: NDArray[np.int64] | None) -> str:
    """The probability of each test row in order; of a sample with all failures if there are many."""
    moments = np.arange(len(scored.labels)) if times is None else times
    first, last = float(moments.min()), float(moments.max())
    middle = (first + last) / 2
    ticks = [(at, _when(at) if times is not None else f"{at:,.0f}") for at in (first, middle, last)]
    chart = Chart("time (UTC)" if times is not None else "test row", "probability", (first, last), ticks, 880)
    chart.line([(first, threshold), (last, threshold)], "guess")
    for label, style in ((0, "normal"), (1, "failure")):
        rows = np.flatnonzero(scored.labels == label)
        rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(_DOTS, len(rows))).astype(int))]
        chart.dots(zip(moments[rows].tolist(), scored.scores[rows].tolist(), strict=True), style)
    return str(chart.svg("probability of each test row"))


def _when(milliseconds: float) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M}"
