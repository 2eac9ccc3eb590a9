"""Reads a file of labels, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nrti_cli.events import event_schema, require_event_id, require_sensor
from nrti_cli.labels.batch import Batch, Form, batch
from nrti_cli.labels.columns import Columns
from nrti_cli.labels.contradictions import refuse_contradictions
from nrti_cli.tables.faults import fault, quoted, unfit
from nrti_cli.tables.formats.blocks import Block
from nrti_cli.tables.labels import Labels
from nrti_cli.tables.numbers import require_all
from nrti_cli.tables.reader import opened
from nrti_cli.tables.times import times

_Arrays = dict[str, "pa.Array[Any]"]


def read_labels(name: str, columns: Columns, on_share: Callable[[float | None], None]) -> Batch:
    """Reads the labels of a file, or of standard input if the name is `-`.

    Args:
        name: of the file.
        columns: of the file.
        on_share: called with the share that was read, 0 to 1.

    Raises:
        NrtiError: a row is wrong; the message names its line.
    """
    with opened(name, columns.form) as table:
        form = columns.form_of(table)
        labels = Labels(columns.column("label"), columns.positive)
        parts: list[_Arrays] = []
        blocks: list[Block] = []
        for block in table.blocks:
            parts.append(_about(block, form, columns))
            blocks.append(Block({}, block.rows, block.place))
            if columns.label is None:
                labels.add(block)
            on_share(table.share())
    if not sum(block.rows for block in blocks):
        raise unfit(table.shown, "has no labels", "write a row for each label")
    found = _joined(form, parts, columns, labels)
    if form == "interval":
        refuse_contradictions(found, lambda row: _place(blocks, row))
    return found


def _joined(form: Form, parts: list[_Arrays], columns: Columns, labels: Labels) -> Batch:
    about: dict[str, object] = {name: pa.chunked_array([part[name] for part in parts]) for name in parts[0]}
    if columns.label is None:
        truths, reading = labels.truths()
        return batch(form, about, pa.array(truths), reading)
    rows = sum(len(next(iter(part.values()))) for part in parts)
    return batch(form, about, pa.array(np.full(rows, columns.label, dtype=np.int8)))


def _place(blocks: list[Block], row: int) -> str:
    for block in blocks:
        if row < block.rows:
            return block.place(row)
        row -= block.rows
    raise IndexError(row)


def _about(block: Block, form: Form, columns: Columns) -> _Arrays:
    """What the labels of some rows are about."""
    if form == "event":
        return {"event_id": _texts(block, columns.column("event_id"), require_event_id)}
    sensors = _texts(block, columns.column("sensor"), require_sensor)
    if form == "time":
        at = _times(block, columns, "timestamp")
        return {"sensor": sensors, "start_time": at, "end_time": at}
    starts, ends = _times(block, columns, "start"), _times(block, columns, "end")
    reversed_ = pc.less(ends.cast(pa.int64()), starts.cast(pa.int64()))
    if (row := pc.index(reversed_, True).as_py()) >= 0:
        raise fault(block.place(row), "the interval ends before it starts")
    return {"sensor": sensors, "start_time": starts, "end_time": ends}


def _texts(block: Block, name: str, require: Callable[[str], None]) -> pa.Array[Any]:
    """A column of names or ids, as events have them."""
    require_all(block, name)
    column = block.columns[name].cast(pa.string())
    for text in column.unique().to_pylist():
        try:
            require(str(text))
        except ValueError as error:
            row = pc.index(column, text).as_py()
            raise fault(f"{block.place(row)}, column {quoted(name)}", str(error)) from None
    return column


def _times(block: Block, columns: Columns, role: str) -> pa.Array[Any]:
    found = times(block, columns.column(role), columns.time_format)
    latest = event_schema()["definitions"]["timestamp"]["maximum"]
    if (wrong := (found < 0) | (found > latest)).any():
        place = f"{block.place(int(wrong.argmax()))}, column {quoted(columns.column(role))}"
        raise fault(place, "the time is not between 1970 and 9999")
    return pa.array(found, pa.timestamp("ms"))
