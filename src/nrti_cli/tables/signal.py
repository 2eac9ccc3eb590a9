"""All rows of a table as signals: values by group and time, with their labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nrti_cli.tables.faults import fault, unfit
from nrti_cli.tables.formats.blocks import Block, Table
from nrti_cli.tables.labels import Labels
from nrti_cli.tables.numbers import value_names
from nrti_cli.tables.roles import Roles
from nrti_cli.tables.rows import RowReader
from nrti_cli.tables.schema import Schema
from nrti_cli.tables.windows import order


@dataclass(frozen=True)
class Signal:
    """Rows by group and time.

    Attributes:
        names: of the values; those of a list are numbered.
        values: shape (n, k).
        times: epoch milliseconds, if there is a time column.
        groups: the number of each row's group, if there is a group column.
        group_names: by number.
        labels: of the rows, 0 or 1, if there is a label column.
        reading: how the labels were interpreted, if it is not obvious.
        dropped: number of rows skipped because of missing values.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    times: NDArray[np.int64] | None
    groups: NDArray[np.int32] | None
    group_names: tuple[str, ...]
    labels: NDArray[np.int8] | None = None
    reading: str = ""
    dropped: int = 0


def read_signal(
    table: Table,
    schema: Schema,
    roles: Roles,
    *,
    label: str | None = None,
    complete: bool = False,
    on_block: Callable[[], None] = lambda: None,
) -> Signal:
    """Reads a table to its end.

    Args:
        table: opened.
        schema: of the inputs.
        roles: of the columns.
        label: the label column; None if there is none.
        complete: whether no value may be missing in the result, as in events.
        on_block: called after each block.

    Raises:
        NrtiError: a row cannot be parsed, or there are none.
    """
    reading = _Reading(schema, roles, label, complete=complete)
    for block in table.blocks:
        reading.add(block)
        on_block()
    if not reading.values:
        raise unfit(table.shown, "has no rows", "add at least one line below the names")
    found = reading.end()
    if not len(found.values):
        raise unfit(table.shown, "has no row without a missing value", "add --missing ffill or keep")
    return found


class _Reading:
    """The state of the reading."""

    def __init__(self, schema: Schema, roles: Roles, label: str | None, *, complete: bool) -> None:
        self.values: list[NDArray[np.float64]] = []
        self._roles = roles
        self._rows = RowReader(roles, schema, complete=complete)
        self._names: tuple[str, ...] = ()
        self._times: list[NDArray[np.int64]] = []
        self._groups: list[NDArray[np.int32]] = []
        self._codes: dict[str, int] = {}
        self._labels = Labels(label, schema.positive) if label else None
        self._kept: list[NDArray[np.bool_]] = []

    def add(self, block: Block) -> None:
        if self._labels:
            self._labels.add(block)
        rows = self._rows.read(block)
        self._names = self._names or tuple(value_names(block, self._roles.values))
        if rows.values.shape[1] != len(self._names):
            problem = f"{rows.values.shape[1]} numbers, but {len(self._names)} in the rows before"
            raise fault(block.place(0), problem, "make all rows the same length")
        self.values.append(rows.values)
        if rows.times is not None:
            self._times.append(rows.times)
        if rows.groups is not None:
            codes = [self._codes.setdefault(group, len(self._codes)) for group in rows.groups.names]
            self._groups.append(np.array(codes, dtype=np.int32)[rows.groups.codes])
        kept = np.zeros(block.rows, dtype=bool)
        kept[rows.numbers] = True
        self._kept.append(kept)

    def end(self) -> Signal:
        """All rows in their order."""
        values = np.concatenate(self.values)
        self.values.clear()
        times = np.concatenate(self._times) if self._times else None
        groups = np.concatenate(self._groups) if self._groups else None
        labels, reading = None, ""
        if self._labels:
            truths, reading = self._labels.truths()
            labels = truths[np.concatenate(self._kept)]
        return Signal(
            self._names, values, times, groups, tuple(self._codes), labels, reading, self._rows.gaps.dropped
        )


def in_order(signal: Signal) -> Signal:
    """The same rows by group and time."""
    ranks = order(signal.groups, signal.times)
    if ranks is None:
        return signal
    return Signal(
        signal.names,
        signal.values[ranks],
        None if signal.times is None else signal.times[ranks],
        None if signal.groups is None else signal.groups[ranks],
        signal.group_names,
        None if signal.labels is None else signal.labels[ranks],
        signal.reading,
        signal.dropped,
    )
