"""Makes events of windows of live input: each as soon as its last row arrives."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nrti_cli.counts import show_count
from nrti_cli.errors import NrtiError
from nrti_cli.producer.records import SEQUENCE, Placed, Remark, place_in, roles_of
from nrti_cli.producer.window_ids import WindowIds
from nrti_cli.tables.formats.blocks import Block, Table
from nrti_cli.tables.layout import Layout
from nrti_cli.tables.numbers import sequences
from nrti_cli.tables.rows import RowReader, Rows
from nrti_cli.tables.schema import Schema


def live_windows(table: Table, layout: Layout, sensor: str, remark: Remark) -> Placed:
    """The windows of each group's rows as they arrive; if they arrive in order, those of `window_events`.

    Args:
        table: opened; it is read as its rows arrive.
        layout: the roles of its columns, and how to cut windows; without a maximum gap, gaps are ignored.
        sensor: the name of the group of all rows, if there is no group column.
        remark: called with a text about skipped data.

    Raises:
        NrtiError: a row cannot be parsed; the windows before it are yielded first.
    """
    reader = RowReader(roles_of(table, layout, remark), layout.schema, complete=False)
    cutter = _Cutter(reader, layout.schema, sensor)
    for block in table.blocks:
        yield from cutter.cut(block)
    for count, what in ((cutter.reader.gaps.dropped, "row"), (cutter.incomplete, "window")):
        if count:
            remark(f"skipped {show_count(count, what)} with missing values")


@dataclass
class _Run:
    """The last rows of a group, and the number of rows: in total, and since the last gap."""

    last: deque[NDArray[np.float64]]
    time: int | None = None
    rows: int = 0
    length: int = 0

    def add(self, values: NDArray[np.float64], time: int | None, limit: float | None) -> None:
        if time is not None and self.time is not None and limit is not None and time - self.time > limit:
            self.length = 0
        self.last.append(values)
        self.time = time
        self.rows += 1
        self.length += 1


@dataclass
class _Cutter:
    """The state of the cutting."""

    reader: RowReader
    schema: Schema
    sensor: str
    incomplete: int = 0
    _runs: dict[str, _Run] = field(default_factory=dict)
    _ids: WindowIds = field(default_factory=WindowIds)

    def cut(self, block: Block) -> Placed:
        """The windows that end in a block; those before a fault are yielded before its error."""
        try:
            rows = self.reader.read(block)
        except NrtiError:
            for row in map(block.row, range(block.rows)):
                yield from self._cut(row, self.reader.read(row))
        else:
            yield from self._cut(block, rows)

    def _cut(self, block: Block, rows: Rows) -> Placed:
        groups = rows.groups.of_rows() if rows.groups else [self.sensor] * len(rows.values)
        times = [None] * len(groups) if rows.times is None else rows.times.tolist()
        limit = self.schema.max_gap and self.schema.max_gap * 1000
        each = zip(rows.values, groups, times, rows.numbers.tolist(), strict=True)
        for values, group, time, number in each:
            run = self._runs.setdefault(group, _Run(deque(maxlen=self.schema.window)))
            run.add(values, time, limit)
            if self._is_due(run):
                event = {SEQUENCE: _data(run), **self._ids.named(group, time, run.rows)}
                yield event, place_in(block, number)

    def _is_due(self, run: _Run) -> bool:
        """Whether a window ends with the last row, and has no missing values."""
        size = self.schema.window or 1
        beyond = run.length - size
        if beyond < 0 or beyond % (self.schema.hop or size):
            return False
        whole = not any(np.isnan(values).any() for values in run.last)
        self.incomplete += not whole
        return whole


def _data(run: _Run) -> list[float] | list[list[float]]:
    found = sequences(np.array(run.last))
    return [values[0] for values in found] if len(found[0]) == 1 else found
