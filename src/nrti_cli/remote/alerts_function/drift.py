"""Decides whether events differ from a model's reference, from counts by bin, without numpy or scipy.

The values of an input have a Kolmogorov-Smirnov test on the counts, by the inequality of Dvoretzky, Kiefer,
Wolfowitz and Massart. Missing values, values outside the reference's range, and the prediction rate have
Fisher's exact test. Both hold for any distribution and any number of rows, and include the sampling error of
the reference. Bonferroni's correction covers all tests of a model. A significant difference counts only if it
is large enough to matter, so that a negligible one is not reported because there are millions of events.

Rows of a signal that follow each other are not independent. The reference has their design effect, by which
their number is reduced to that of independent rows with the same information.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Any

from .significance import (
    chance_of_more,
    cohens_h,
    critical_distance,
    distance,
    rows_for,
    stability_index,
)

#: `counts`, the number of values in each bin, and `missing`; a column of a reference has more.
Histogram = Mapping[str, Any]

#: The probability of a false alarm, for all tests of a model together.
_LEVEL = 0.005
#: Smaller differences are not drift: of two distributions, and Cohen's h of two proportions.
LEAST_DISTANCE, LEAST_H = 0.1, 0.2
#: The prediction and the probability come before the inputs.
_OUTPUTS = 2
#: The distance by a shift of one standard deviation is 0.29 for a uniform distribution and 0.38 for a normal
#: one. With too few events to find it, there is no verdict.
_SHIFT = 0.28


@dataclass(frozen=True)
class Finding:
    """How a column differs from the reference.

    Attributes:
        name: of an input; or `prediction`, or `probability`.
        events: number of events with a value.
        needed: number of events in which a shift by one standard deviation would be found; None if there is
            no such number.
        ks: Kolmogorov-Smirnov distance, 0 to 1; of predictions it is the difference of the failure rates.
        psi: population stability index.
        below: share of the values below the reference's range.
        above: share above it.
        missing: share of the events without a value.
        reasons: why it is drift: `shifted`, `below`, `above`, `missing`, `more failures`, `fewer failures`.
    """

    name: str
    events: int
    needed: int | None
    ks: float
    psi: float
    below: float
    above: float
    missing: float
    reasons: tuple[str, ...]

    @property
    def is_decided(self) -> bool:
        """Whether a shift by one standard deviation would be found."""
        return self.needed is not None and self.events >= self.needed

    @property
    def size(self) -> float:
        """The largest of its differences, 0 to 1."""
        return max(self.ks, self.below, self.above, self.missing if "missing" in self.reasons else 0)


@dataclass(frozen=True)
class Verdict:
    """The comparison of events with a reference.

    Attributes:
        state: drift, stable or too_few_events.
        events: number of events.
        needed: number of events in which a shift of some input would be found; None if the reference has too
            few rows for any.
        rate: share of failures among the predictions; None without any.
        expected_rate: the same in the reference.
        findings: of the prediction, the probability and each input; without columns that the reference has no
            values of.
    """

    state: str
    events: int
    needed: int | None
    rate: float | None
    expected_rate: float | None
    findings: tuple[Finding, ...]

    @property
    def drifted(self) -> list[Finding]:
        """What drifted, the largest difference first; none if there are too few events."""
        found = [each for each in self.findings if each.reasons and self.state == "drift"]
        return sorted(found, key=lambda each: each.size, reverse=True)


def verdict(reference: Mapping[str, Any], counts: Sequence[Histogram]) -> Verdict:
    """Compares the events of a period with a reference.

    Args:
        reference: the document `references/<endpoint>/<version>.json`. Its `columns` are the prediction, the
            probability and each input, with `name`, `edges`, `counts`, `missing` and
            `design_effect`.
        counts: of the events, for each of these columns.
    """
    pairs = list(zip(reference["columns"], counts, strict=True))
    level = _LEVEL / (4 * len(pairs))
    findings = {
        number: _Comparison(before, now, level).finding(rate=number == 0)
        for number, (before, now) in enumerate(pairs)
        if sum(before["counts"])
    }
    inputs = [finding for number, finding in findings.items() if number >= _OUTPUTS]
    events = sum(counts[0]["counts"]) + counts[0]["missing"]
    return Verdict(
        _state(list(findings.values()), inputs, events),
        events,
        _fewest(inputs),
        _rate(counts[0]),
        _rate(reference["columns"][0]),
        tuple(findings.values()),
    )


def _state(findings: Sequence[Finding], inputs: Sequence[Finding], events: int) -> str:
    """Events that are enough for one column may show drift; that there is none, only those for an input."""
    least, needed = _fewest(findings), _fewest(inputs)
    if least is not None and events >= least and any(each.reasons for each in findings):
        return "drift"
    return "too_few_events" if needed is None or events < needed else "stable"


def _fewest(findings: Sequence[Finding]) -> int | None:
    return min((each.needed for each in findings if each.needed is not None), default=None)


def count(reference: Mapping[str, Any], rows: Sequence[Sequence[float | None]]) -> Sequence[Histogram]:
    """The counts for `verdict`, of events that are at hand.

    Args:
        reference: the document.
        rows: for each event its prediction, its probability and its inputs; None for a missing value.
    """
    columns = reference["columns"]
    found: list[dict[str, Any]] = [{"counts": [0] * len(each["counts"]), "missing": 0} for each in columns]
    for row in rows:
        for place, histogram in enumerate(found):
            value = row[place] if place < len(row) else None
            if value is None:
                histogram["missing"] += 1
            else:
                histogram["counts"][bisect_right(columns[place]["edges"], value)] += 1
    return found


@dataclass(frozen=True)
class _Comparison:
    """A column of the reference and of the events.

    Attributes:
        before: of the reference.
        now: of the events.
        level: the significance level.
    """

    before: Histogram
    now: Histogram
    level: float

    def finding(self, *, rate: bool) -> Finding:
        """The differences, and which of them are drift."""
        before, now = self.before["counts"], self.now["counts"]
        known, ks = sum(now), distance(before, now)
        return Finding(
            name=self.before["name"],
            events=known,
            needed=self._needed(),
            ks=ks,
            psi=stability_index(before, now),
            below=0.0 if rate else _share(now[0], known),
            above=0.0 if rate else _share(now[-1], known),
            missing=_share(self.now["missing"], known + self.now["missing"]),
            reasons=self._changes_of_rate() if rate else self._changes(ks),
        )

    def _changes(self, ks: float) -> tuple[str, ...]:
        before, now = sum(self.before["counts"]), sum(self.now["counts"])
        critical = critical_distance(self._rows(before), self._rows(now), self.level)
        ends = {"below": 0, "above": -1}
        more = {
            name: self._is_more(self.now["counts"][end], now, self.before["counts"][end], before)
            for name, end in ends.items()
        }
        absent, absent_before = self.now["missing"], self.before["missing"]
        more["missing"] = self._is_more(absent, now + absent, absent_before, before + absent_before)
        changes = {"shifted": ks >= LEAST_DISTANCE and ks > critical, **more}
        return tuple(name for name, found in changes.items() if found)

    def _changes_of_rate(self) -> tuple[str, ...]:
        before, now = self.before["counts"], self.now["counts"]
        changes = {
            "more failures": self._is_more(now[1], sum(now), before[1], sum(before)),
            "fewer failures": self._is_more(now[0], sum(now), before[0], sum(before)),
        }
        return tuple(name for name, found in changes.items() if found)

    def _is_more(self, part: int, whole: int, part_before: int, whole_before: int) -> bool:
        """Whether a proportion among the events is greater than in the reference."""
        share, share_before = _share(part, whole), _share(part_before, whole_before)
        if share <= share_before or cohens_h(share, share_before) < LEAST_H:
            return False
        rows, rows_before = self._rows(whole), self._rows(whole_before)
        chance = chance_of_more(share * rows, rows, share_before * rows_before, rows_before)
        return chance < self.level

    def _rows(self, rows: int) -> float:
        """As many independent ones."""
        return rows / float(self.before["design_effect"])

    def _needed(self) -> int | None:
        """How many events are worth as many independent ones as a shift needs."""
        rows = rows_for(_SHIFT, self._rows(sum(self.before["counts"])), self.level)
        return None if rows == inf else ceil(rows * float(self.before["design_effect"]))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _rate(prediction: Histogram) -> float | None:
    normal, failures = map(int, prediction["counts"])
    return failures / (normal + failures) if normal + failures else None
