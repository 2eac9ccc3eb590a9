"""The metrics of a part of the predictions, with intervals, from the sums that Athena returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nrti_cli.quality.statement import product
from nrti_cli.remote.sagemaker.metrics import linearized, proportion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Interval = tuple[float, float]

METRICS = ("precision", "recall", "f1", "average_precision", "brier")
_DIGITS = 9
_TEXTS = {"model", "part", "version"}


@dataclass(frozen=True)
class Quality:
    """How good the predictions of a model are, or of a part of them.

    Attributes:
        model: the model's name.
        part: the sensor, day or version; empty for all of them.
        events: number of predictions.
        versions: number of versions that made them.
        version: the first of these versions.
        labelled: number of predictions with a label.
        confusion: labelled predictions by truth and prediction, with the keys tn, fp, fn and tp.
        metrics: precision, recall, f1, average_precision and brier, 0 to 1; None if the labels do not allow
            one.
        intervals: the 95 % interval of each metric that is known.
        promised: the metrics in the evaluation after the training; empty if unknown.
        promised_intervals: their 95 % intervals.
    """

    model: str
    part: str
    events: int
    versions: int
    version: str
    labelled: int
    confusion: Mapping[str, int]
    metrics: Mapping[str, float | None]
    intervals: Mapping[str, Interval]
    promised: Mapping[str, float] = field(default_factory=dict)
    promised_intervals: Mapping[str, Interval] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The model and the part, for messages."""
        return f"{self.model} {self.part}".rstrip()

    @property
    def broken_promises(self) -> list[str]:
        """The metrics whose interval ends below what the evaluation had promised."""
        return [
            name
            for name, (_, high) in self.intervals.items()
            if name in self.promised and high < self.promised_intervals.get(name, (self.promised[name],))[0]
        ]


@dataclass(frozen=True)
class _Ratio:
    """A metric as a ratio of sums over units.

    Attributes:
        above: the amounts of a unit in the numerator, with their weights.
        below: those in the denominator.
        units: the column with the number of units on which its precision depends.
        interval: the form of its interval.
    """

    above: Mapping[str, int]
    below: Mapping[str, int]
    units: str
    interval: Callable[[float, float, int], Interval]


_RATIOS = {
    "precision": _Ratio({"hits": 1}, {"alarms": 1}, "alarming_units", proportion),
    "recall": _Ratio({"hits": 1}, {"positives": 1}, "failing_units", proportion),
    "f1": _Ratio({"hits": 2}, {"alarms": 1, "positives": 1}, "failing_units", linearized),
    "average_precision": _Ratio({"pull": 1}, {"positives": 1}, "failing_units", linearized),
    "brier": _Ratio({"error": 1}, {"size": 1}, "units", linearized),
}


def quality_of(row: Mapping[str, str]) -> Quality:
    """The quality from a row of the query's result."""
    sums = {name: float(value or 0) for name, value in row.items() if name not in _TEXTS}
    labelled, positives, alarms, hits = (int(sums[name]) for name in ("size", "positives", "alarms", "hits"))
    metrics = {name: _value(name, sums) for name in METRICS}
    return Quality(
        model=row["model"],
        part=row["part"],
        events=int(row["events"]),
        versions=int(row["versions"]),
        version=row["version"],
        labelled=labelled,
        confusion={
            "tn": labelled - positives - alarms + hits,
            "fp": alarms - hits,
            "fn": positives - hits,
            "tp": hits,
        },
        metrics=metrics,
        intervals={
            name: _interval(_RATIOS[name], value, sums)
            for name, value in metrics.items()
            if value is not None
        },
    )


def _value(name: str, sums: Mapping[str, float]) -> float | None:
    """A metric, or None if it is not defined for these rows."""
    defined = {
        "f1": sums["positives"] > 0,
        "average_precision": sums["size"] == (sums["scored"] or sums["probable"]),
        "brier": sums["size"] == sums["probable"],
    }
    below = _sum(_RATIOS[name].below, sums)
    if not below or not defined.get(name, True):
        return None
    # Many additions have rounding errors, and a metric of exactly 1 has an interval of its own.
    return round(_sum(_RATIOS[name].above, sums) / below, _DIGITS)


def _interval(ratio: _Ratio, value: float, sums: Mapping[str, float]) -> Interval:
    units, below = sums["units"], _sum(ratio.below, sums)
    influence = {**ratio.above, **{name: -value * weight for name, weight in ratio.below.items()}}
    squares = sum(
        weight * other_weight * sums[product(name, other)]
        for name, weight in influence.items()
        for other, other_weight in influence.items()
    )
    variance = max(squares, 0.0) / below**2 * units / (units - 1) if units > 1 else 0.0
    return ratio.interval(value, variance, int(sums[ratio.units]))


def _sum(weights: Mapping[str, int], sums: Mapping[str, float]) -> float:
    return sum(weight * sums[name] for name, weight in weights.items())
