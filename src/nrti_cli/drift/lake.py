"""Reads what Athena counts: histograms by slice of time, and events by sensor."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from nrti_cli.athena.rows import rows, run
from nrti_cli.drift import statement
from nrti_cli.drift.statement import Chosen, Period
from nrti_cli.remote.sagemaker.bins import edges

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

Column = Mapping[str, Any]
#: Athena's quota for a statement, in bytes.
_LONGEST = 262_144
#: Edges of a column that stay in any case.
_FEWEST = 3
_OUTPUTS = ("prediction", "probability")
#: Below and at or above 1: normal, and failures.
_PREDICTIONS = [1.0]


@dataclass(frozen=True)
class Extent:
    """Events of a period.

    Attributes:
        events: their number.
        period: from its beginning to the last of them.
        length: of the longest sequence.
    """

    events: int
    period: Period
    length: int


@dataclass
class Counted:
    """Counts of events.

    Attributes:
        columns: of the reference, to which the counts belong.
        slices: for each slice of time a histogram for each column, with `counts` and `missing`.
        sensors: events of each sensor, in the period before and in this one.
    """

    columns: Sequence[Column]
    slices: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    sensors: dict[str, list[int]] = field(default_factory=dict)

    def of(self, number: int) -> list[dict[str, Any]]:
        """The histograms of a slice; empty ones if it has no events."""
        return self.slices.get(number) or _empty(self.columns)


class Lake:
    """The predictions of a model, counted by Athena.

    All methods raise NrtiError if their query fails.

    Attributes:
        scanned: bytes that the queries have read.
        dollars: what AWS charges for them.
    """

    def __init__(self, target: Target, chosen: Chosen) -> None:
        self._target = target
        self._chosen = chosen
        self.scanned = 0
        self.dollars = 0.0

    def count(self, columns: Sequence[Column], period: Period, slices: int) -> Counted:
        """Counts events; see `statement.counts`."""
        fitted, sql = fitting(self._chosen, columns, period, slices)
        found = Counted(fitted)
        _fill(found, self._rows(sql))
        return found

    def columns(self, period: Period, length: int) -> list[Column]:
        """The columns of the events in a period, with their edges, for sequences of a length."""
        sql = statement.deciles(self._chosen, period, len(_OUTPUTS) + length)
        return [
            {"name": _name(place), "edges": _edges(place, row)} for place, row in enumerate(self._rows(sql))
        ]

    def extent(self, period: Period, most: int | None = None) -> Extent:
        """The events of a period, or the first of them, at most so many."""
        (row,) = self._rows(statement.extent(self._chosen, period, most))
        if row["events"] == "0":
            return Extent(0, period, 0)
        last = datetime.fromisoformat(row["last"]).replace(tzinfo=UTC) + timedelta(milliseconds=1)
        return Extent(int(row["events"]), Period(period.since, last), int(row["length"]))

    def _rows(self, sql: str) -> Iterator[dict[str, str]]:
        execution = run(self._target, sql)
        self.scanned += execution.scanned
        self.dollars += execution.dollars
        return rows(self._target, execution)


def fitting(
    chosen: Chosen, columns: Sequence[Column], period: Period, slices: int
) -> tuple[Sequence[Column], str]:
    """The statement, with fewer bins if it would be longer than Athena allows; and the columns with these."""
    sql = statement.counts(chosen, columns, period, slices)
    if len(sql) <= _LONGEST or all(len(column["edges"]) <= _FEWEST for column in columns):
        return columns, sql
    return fitting(chosen, [_coarser(column) for column in columns], period, slices)


def _fill(found: Counted, counted: Iterable[Mapping[str, str]]) -> None:
    events: Counter[int] = Counter()
    for row in counted:
        place, number, count = int(row["place"]), int(row["slice"]), int(row["events"])
        if place == 0:
            found.sensors.setdefault(row["sensor"], [0, 0])[number] += count
            continue
        if place == 1:  # each event has a prediction
            events[number] += count
        if row["bin"]:
            histograms = found.slices.setdefault(number, _empty(found.columns))
            histograms[place - 1]["counts"][int(row["bin"])] += count
    for number, histograms in found.slices.items():
        for each in histograms:
            each["missing"] = events[number] - sum(each["counts"])


def _empty(columns: Sequence[Column]) -> list[dict[str, Any]]:
    return [{"counts": [0] * (len(column["edges"]) + 1), "missing": 0} for column in columns]


def _coarser(column: Column) -> Column:
    """The column with every second edge, and the first and the last."""
    kept, counts = column["edges"], column.get("counts")
    if len(kept) <= _FEWEST:
        return column
    chosen = [number for number in range(len(kept)) if number % 2 == 0 or number == len(kept) - 1]
    coarse = {**column, "edges": [kept[number] for number in chosen]}
    if counts:
        starts = [0, *(number + 1 for number in chosen)]
        ends = [*starts[1:], len(counts)]
        coarse["counts"] = [sum(counts[start:end]) for start, end in zip(starts, ends, strict=True)]
    return coarse


def _name(place: int) -> str:
    return _OUTPUTS[place] if place < len(_OUTPUTS) else f"value {place - len(_OUTPUTS) + 1}"


def _edges(place: int, row: Mapping[str, str]) -> list[float]:
    if place == 0:
        return _PREDICTIONS
    if row["events"] == "0":
        return []
    return edges(float(row["low"]), json.loads(row["deciles"]), float(row["high"]))
