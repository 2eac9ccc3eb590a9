"""Labels that are recorded together, in order: of two labels for the same event, the later one counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

#: What the labels are about: events by their ids, or a sensor at a time, or from one time to another.
Form = Literal["event", "time", "interval"]
_TYPES: dict[str, pa.DataType] = {
    "event_id": pa.string(),
    "sensor": pa.string(),
    "start_time": pa.timestamp("ms"),
    "end_time": pa.timestamp("ms"),
    "label": pa.int32(),
    "labelled_time": pa.timestamp("ms"),
    "recorded": pa.int64(),
}
#: The columns of the lake's table `labels`.
SCHEMA = pa.schema(_TYPES)
#: The columns that say what a label is about.
_ABOUT = {
    "event": ["event_id"],
    "time": ["sensor", "start_time"],
    "interval": ["sensor", "start_time", "end_time"],
}


@dataclass(frozen=True)
class Batch:
    """Labels in the order in which they were given.

    Attributes:
        form: what they are about.
        rows: the columns of `SCHEMA` up to `label`.
        reading: how words were understood, as text; empty for 0 and 1.
    """

    form: Form
    rows: pa.Table
    reading: str = ""

    def __len__(self) -> int:
        """The number of labels."""
        return self.rows.num_rows

    def times(self, column: str) -> NDArray[np.int64]:
        """A column of times, in epoch milliseconds."""
        found: NDArray[np.int64] = self.rows[column].cast(pa.int64()).to_numpy()
        return found

    def keep(self, wanted: NDArray[np.bool_]) -> Batch:
        """Some of the labels, in the same order."""
        return replace(self, rows=self.rows.filter(pa.array(wanted)))

    def last_words(self) -> Batch:
        """Of labels for exactly the same, only the last."""
        numbered = self.rows.append_column("number", pa.array(np.arange(len(self))))
        last = numbered.group_by(_ABOUT[self.form]).aggregate([("number", "max")])["number_max"]
        wanted = np.zeros(len(self), dtype=np.bool_)
        wanted[last.to_numpy()] = True
        return self.keep(wanted)

    def numbered(self, first: int) -> pa.Table:
        """The rows of the table `labels`.

        Args:
            first: when they are recorded, in nanoseconds since 1970; each row is one later.
        """
        recorded = np.arange(first, first + len(self), dtype=np.int64)
        at = pa.array(np.full(len(self), first // 1_000_000), pa.timestamp("ms"))
        return (
            self.rows.append_column("labelled_time", at)
            .append_column("recorded", pa.array(recorded))
            .select(SCHEMA.names)
            .cast(SCHEMA)
        )


def batch(form: Form, about: dict[str, object], label: pa.Array[Any], reading: str = "") -> Batch:
    """Labels from their columns; those that the form does not have are NULL.

    Args:
        form: what they are about.
        about: arrays by the names of `SCHEMA`.
        label: 0 or 1.
        reading: how words were understood.
    """
    columns = {
        name: about.get(name, pa.nulls(len(label), SCHEMA.field(name).type))
        for name in ("event_id", "sensor", "start_time", "end_time")
    }
    table = pa.table({**columns, "label": label})
    return Batch(form, table.cast(pa.schema([SCHEMA.field(name) for name in table.column_names])), reading)
