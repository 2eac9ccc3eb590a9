"""How good scores are against the truth: the usual figures, each with a 95 % interval.

It needs numpy and scipy alone, as it runs in two places: in the training job, and in `nrti models compare`.

A bootstrap draws whole units that do not depend on each other: rows, groups, or, where neighbours resemble
each other, contiguous blocks. F1 and average precision get its percentiles. With few units
these are too narrow and are moved out by Student's t, as in Hesterberg,
"What Teachers Should Know About the Bootstrap" (2015).
Precision and recall are proportions: they get exact binomial limits for as many independent rows as the
bootstrap's variance speaks of, as in Korn and Graubard, "Confidence Intervals for Proportions With Small
Expected Number of Positive Counts Estimated From Survey Data" (1998), and never more than there are units.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import betaincinv, expit, logit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Labels = NDArray[np.int64]
    Interval = tuple[float, float]

FIGURES = ("precision", "recall", "f1", "average_precision")
_LEVEL = 0.95
_NORMAL = NormalDist().inv_cdf((1 + _LEVEL) / 2)
_FEWEST, _MOST = 200, 1000
#: Rows times resamples: a tenth of a second.
_WORK = 5_000_000
_CHUNK = 2_000_000


@dataclass(frozen=True)
class Units:
    """What is resampled.

    Attributes:
        kind: row, group or block.
        rows: number of rows.
        groups: of each row, numbered from 0; only for `group`.
        block: number of consecutive rows in a block; only for `block`.
    """

    kind: str
    rows: int
    groups: NDArray[np.intp] | None = None
    block: int = 1

    @classmethod
    def of_rows(cls, rows: int) -> Units:
        """Independent rows."""
        return cls("row", rows)

    @classmethod
    def of_groups(cls, groups: NDArray[Any]) -> Units:
        """Rows that depend on the others of their group."""
        return cls("group", len(groups), np.unique(groups, return_inverse=True)[1])

    @classmethod
    def of_blocks(cls, rows: int, span: int = 1) -> Units:
        """Rows in time order.

        Args:
            rows: their number.
            span: how many neighbours share measurements, as overlapping windows do.
        """
        return cls("block", rows, block=min(max(2 * span, round(rows ** (1 / 3))), rows))

    def holding(self, chosen: NDArray[np.bool_]) -> int:
        """The number of independent units with chosen rows: each run of them counts once for each block."""
        if self.groups is not None:
            return len(np.unique(self.groups[chosen]))
        where = np.flatnonzero(chosen)
        if self.block == 1:
            return len(where)
        count, end = 0, 0
        for position in where.tolist():
            if position >= end:
                count, end = count + 1, position + self.block
        return count

    def draws(self, count: int, random: np.random.Generator) -> Iterator[Values]:
        """How often each row is drawn, in arrays of shape (some, rows), `count` in total."""
        size = max(1, _CHUNK // self.rows)
        for begin in range(0, count, size):
            yield self._draw(min(size, count - begin), random).astype(np.float64)

    def _draw(self, count: int, random: np.random.Generator) -> NDArray[Any]:
        if self.groups is not None:
            units = int(self.groups.max()) + 1
            return _times_drawn(count, units, units, random)[:, self.groups]
        if self.block == 1:
            return _times_drawn(count, self.rows, self.rows, random)
        blocks = -(-self.rows // self.block)
        begun = _times_drawn(count, self.rows, blocks, random)
        # A row is drawn with each block that begins at it or shortly before; the end wraps around to the
        # start.
        summed = np.cumsum(np.concatenate((begun[:, self.rows - self.block :], begun), axis=1), axis=1)
        return summed[:, self.block :] - summed[:, : self.rows]


def _times_drawn(count: int, units: int, draws: int, random: np.random.Generator) -> NDArray[np.intp]:
    drawn = random.integers(units, size=(count, draws)) + units * np.arange(count)[:, None]
    return np.bincount(drawn.ravel(), minlength=count * units).reshape(count, units)


@dataclass(frozen=True)
class Scored:
    """Scores of rows with known truth.

    Attributes:
        labels: 0 or 1, shape (n,).
        scores: higher for a more probable failure; shape (n,).
        predicted: 0 or 1, shape (n,).
    """

    labels: Labels
    scores: Values
    predicted: Labels

    @classmethod
    def at(cls, threshold: float, labels: Labels, scores: Values) -> Scored:
        """The predictions at a threshold."""
        return cls(labels, scores, (scores >= threshold).astype(np.int64))

    @property
    def base_rate(self) -> float:
        """The share of failures, which is the average precision of a guess."""
        return float(self.labels.mean())

    @property
    def confusion(self) -> dict[str, int]:
        """The number of rows by truth and prediction."""
        counts = np.bincount(2 * self.labels + self.predicted, minlength=4).tolist()
        return dict(zip(("tn", "fp", "fn", "tp"), counts, strict=True))

    @property
    def figures(self) -> dict[str, float]:
        """Precision, recall, F1 and average precision."""
        once = np.ones((1, len(self.labels)))
        return {name: float(values[0]) for name, values in self.weighted(once).items()}

    def weighted(self, weights: Values) -> dict[str, Values]:
        """The same with weighted rows, for weights of shape (m, n): shape (m,) each."""
        positives = weights @ self.labels
        alarms = weights @ self.predicted
        hits = weights @ (self.labels * self.predicted)
        return {
            "precision": _ratio(hits, alarms),
            "recall": _ratio(hits, positives),
            "f1": _ratio(2 * hits, alarms + positives),
            "average_precision": self._average_precision(weights),
        }

    def _average_precision(self, weights: Values) -> Values:
        order, ends = self._ranks
        ranked = weights[:, order]
        hits = np.cumsum(ranked * self.labels[order], axis=1)[:, ends]
        seen = np.cumsum(ranked, axis=1)[:, ends]
        gained = np.diff(hits, axis=1, prepend=0)
        return _ratio((_ratio(hits, seen) * gained).sum(axis=1), hits[:, -1])

    @cached_property
    def _ranks(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The rows by falling score, and where each distinct score ends: equal scores are one step."""
        order = np.argsort(-self.scores, kind="stable")
        ranked = self.scores[order]
        return order, np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)


def _ratio(above: Values, below: Values) -> Values:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def intervals(scored: Scored, units: Units, seed: int = 0) -> dict[str, Interval]:
    """A 95 % interval for each figure."""
    figures, failing = scored.figures, units.holding(scored.labels == 1)
    if set(figures.values()) == {1.0}:  # then those of all resamples are 1, too
        drawn = dict.fromkeys(FIGURES, np.ones(1))
    else:
        drawn = _drawn((scored,), units, seed)[0]
    trials = {"precision": units.holding(scored.predicted == 1), "recall": failing}
    return {
        name: proportion(figures[name], _variance(drawn[name]), trials[name])
        if name in trials
        else _interval(figures[name], drawn[name], failing)
        for name in FIGURES
    }


def difference(first: Scored, second: Scored, units: Units, seed: int = 0) -> dict[str, Interval]:
    """A 95 % interval for the metrics of the second minus those of the first, on the same rows."""
    one, other = _drawn((first, second), units, seed)
    count = units.holding(first.labels == 1)
    return {name: _percentiles(other[name] - one[name], count, (-1.0, 1.0)) for name in FIGURES}


def _drawn(scored: tuple[Scored, ...], units: Units, seed: int) -> list[dict[str, Values]]:
    """The metrics of each resample that has a failure; the same resamples for all."""
    count = int(np.clip(_WORK // units.rows, _FEWEST, _MOST))
    found: list[list[dict[str, Values]]] = [[] for _ in scored]
    for weights in units.draws(count, np.random.default_rng(seed)):
        usable = weights[(weights @ scored[0].labels) > 0]
        for each, values in zip(scored, found, strict=True):
            values.append(each.weighted(usable))
    return [{name: np.concatenate([one[name] for one in each]) for name in FIGURES} for each in found]


def proportion(figure: float, variance: float, units: int) -> Interval:
    """Exact binomial limits (Clopper-Pearson) for the number of independent trials behind a proportion.

    Args:
        figure: the proportion.
        variance: of its estimate, for dependent rows.
        units: the most independent trials that there may be.
    """
    if units < 2:
        return 0.0, 1.0
    trials: float = units
    if 0 < figure < 1 and variance > 0:
        trials = min(units, figure * (1 - figure) / variance) * (_NORMAL / _student(units - 1)) ** 2
    hits = figure * trials
    tail = (1 - _LEVEL) / 2
    low = float(betaincinv(hits, trials - hits + 1, tail)) if figure > 0 else 0.0
    high = float(betaincinv(hits + 1, trials - hits, 1 - tail)) if figure < 1 else 1.0
    return low, high


def linearized(figure: float, variance: float, units: int) -> Interval:
    """An interval by Student's t on the logit scale, for a figure whose variance is known by linearization.

    The logit keeps it within 0 and 1, as in Boyd, Eng and Page, "Area under the Precision-Recall Curve"
    (2013).

    Args:
        figure: 0 to 1; at either end the exact binomial limit takes the place of the variance.
        variance: of its estimate.
        units: the independent units that it is an estimate of.
    """
    if units < 2:
        return 0.0, 1.0
    if figure in (0, 1):
        limit = _limit(units)
        return (limit, 1.0) if figure else (0.0, 1 - limit)
    middle = logit(figure)
    margin = _student(units - 1) * variance**0.5 / (figure * (1 - figure))
    return float(expit(middle - margin)), float(expit(middle + margin))


def _interval(figure: float, drawn: Values, units: int) -> Interval:
    """The interval of the resamples; without any error among them, the exact binomial limit."""
    low, high = _percentiles(drawn, units, (0.0, 1.0))
    limit = _limit(units) if units else 0.0
    if figure == 1:
        low = min(low, limit)
    if figure == 0:
        high = max(high, 1 - limit)
    return min(low, figure), max(high, figure)


def _variance(drawn: Values) -> float:
    return float(drawn.var(ddof=1)) if len(drawn) > 1 else 0.0


def _limit(units: int) -> float:
    """The exact binomial limit below a proportion of 1."""
    return float(((1 - _LEVEL) / 2) ** (1 / units))


def _percentiles(drawn: Values, count: int, bounds: Interval) -> Interval:
    if count < 2 or not len(drawn):
        return bounds
    tail = NormalDist().cdf(-_student(count - 1) * (count / (count - 1)) ** 0.5)
    low, high = np.quantile(drawn, (tail, 1 - tail))
    return float(low), float(high)


def _student(freedom: int) -> float:
    """The quantile of Student's t; from 3 degrees of freedom by Cornish and Fisher's series."""
    if freedom <= 2:
        return {1: 12.706, 2: 4.303}[freedom]
    z = _NORMAL
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
