"""Histograms of a model's events, from the rows that Athena counted. `nrti drift` uses this file, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Column = Mapping[str, Any]
#: Athena's quota for a statement, in bytes.
_LONGEST = 262_144
#: Edges of a column that stay in any case.
_FEWEST = 3


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

    def fill(self, rows: Iterable[Mapping[str, str | None]]) -> None:
        """Takes the rows of the statement."""
        events: Counter[int] = Counter()
        for row in rows:
            place, number, count = (int(row[name] or 0) for name in ("place", "slice", "events"))
            if place == 0:
                self.sensors.setdefault(row["sensor"] or "", [0, 0])[number] += count
                continue
            if place == 1:  # each event has a prediction
                events[number] += count
            if row["bin"]:
                histograms = self.slices.setdefault(number, _empty(self.columns))
                histograms[place - 1]["counts"][int(row["bin"])] += count
        for number, histograms in self.slices.items():
            for each in histograms:
                each["missing"] = events[number] - sum(each["counts"])


def fitting(
    columns: Sequence[Column], write: Callable[[Sequence[Column]], str]
) -> tuple[Sequence[Column], str]:
    """The columns, with fewer bins if their statement would be longer than Athena allows; and the statement.

    Args:
        columns: of the reference.
        write: writes the statement for columns.
    """
    sql = write(columns)
    if len(sql) <= _LONGEST or all(len(column["edges"]) <= _FEWEST for column in columns):
        return columns, sql
    return fitting([_coarser(column) for column in columns], write)


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
