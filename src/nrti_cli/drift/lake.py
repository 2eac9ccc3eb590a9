"""Reads the counts of Athena: histograms by slice of time, and events by sensor."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nrti_cli.athena.rows import rows, run
from nrti_cli.drift import statement
from nrti_cli.remote.alerts_function.counted import Column, Counted, fitting
from nrti_cli.remote.alerts_function.counting import Chosen, Period, counts
from nrti_cli.remote.sagemaker.bins import edges

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

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
        """Counts events; see `counting.counts`."""
        fitted, sql = fitting(
            columns, lambda columns: counts(self._chosen, columns, period, slices, sensors=True)
        )
        found = Counted(fitted)
        found.fill(self._rows(sql))
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


def _name(place: int) -> str:
    return _OUTPUTS[place] if place < len(_OUTPUTS) else f"value {place - len(_OUTPUTS) + 1}"


def _edges(place: int, row: Mapping[str, str]) -> list[float]:
    if place == 0:
        return _PREDICTIONS
    if row["events"] == "0":
        return []
    return edges(float(row["low"]), json.loads(row["deciles"]), float(row["high"]))
