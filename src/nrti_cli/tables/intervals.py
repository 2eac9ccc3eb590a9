"""Intervals of time in which something failed, as maintenance logs have them, in a file of their own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nrti_cli.errors import NrtiError
from nrti_cli.tables.blocks import Block
from nrti_cli.tables.faults import fault, listed, unfit
from nrti_cli.tables.form import FOUND, Form
from nrti_cli.tables.groups import groups
from nrti_cli.tables.reader import opened
from nrti_cli.tables.schema import Schema
from nrti_cli.tables.signal import Signal
from nrti_cli.tables.times import times

#: The column with the group, if the data's own name for it is not there.
_GROUPS = ("sensor", "group")
_EVERY = ""
Span = tuple[int, int]


@dataclass(frozen=True)
class Intervals:
    """When what failed.

    Attributes:
        shown: what messages call the file.
        spans: of each group, from first to last millisecond, by time and without overlaps; those of all
            groups have no name.
    """

    shown: str
    spans: Mapping[str, list[Span]]

    def labels(self, signal: Signal) -> NDArray[np.int8]:
        """1 for each row within an interval of its group, the ends included.

        Raises:
            NrtiError: the rows have no times, or no groups.
        """
        if signal.times is None:
            what = "labels rows by their time, which the data do not have"
            raise unfit(self.shown, what, "name the column with --time")
        labels, times_ = np.zeros(len(signal.values), dtype=np.int8), signal.times
        for group, spans in self.spans.items():
            starts, ends = np.array(spans, dtype=np.int64).T
            before = np.searchsorted(starts, times_, side="right") - 1
            within = (before >= 0) & (times_ <= ends[before])
            labels[within & self._rows(signal, group)] = 1
        return labels

    def _rows(self, signal: Signal, group: str) -> NDArray[np.bool_] | bool:
        if group == _EVERY:
            return True
        if signal.groups is None:
            what = "has intervals of groups, and the data have no groups"
            raise unfit(self.shown, what, "name their column with --group")
        code = signal.group_names.index(group) if group in signal.group_names else -1
        found: NDArray[np.bool_] = signal.groups == code
        return found

    def unknown(self, signal: Signal) -> str:
        """The groups that the data do not have, in words; nothing if there are none."""
        strangers = [group for group in self.spans if group != _EVERY and group not in signal.group_names]
        return f"{self.shown} has intervals of groups without rows: {listed(strangers)}" if strangers else ""


def read(name: str, schema: Schema, form: Form = FOUND) -> Intervals:
    """Reads a file with the columns start and end, and a column with the group if there is one.

    Raises:
        NrtiError: it cannot be understood; it names the line.
    """
    spans: dict[str, list[Span]] = {}
    with opened(name, form) as table:
        lacking = [column for column in ("start", "end") if column not in table.names]
        if lacking:
            has = f"has no column {listed(lacking)}, it has {listed(table.names, 3)}"
            raise unfit(table.shown, has, "call the columns start and end, and the group as in the data")
        group = next((column for column in (schema.group, *_GROUPS) if column in table.names), None)
        for block in table.blocks:
            for key, span in _spans(block, schema, group):
                spans.setdefault(key, []).append(span)
    return Intervals(table.shown, {key: _merged(found) for key, found in spans.items()})


def _spans(block: Block, schema: Schema, group: str | None) -> list[tuple[str, Span]]:
    starts, ends = (_times(block, name, schema.time_format).tolist() for name in ("start", "end"))
    keys = groups(block, group).of_rows() if group else [_EVERY] * block.rows
    wrong = next((row for row in range(block.rows) if ends[row] < starts[row]), None)
    if wrong is not None:
        raise fault(block.place(wrong), "the interval ends before it starts")
    return list(zip(keys, zip(starts, ends, strict=True), strict=True))


def _times(block: Block, name: str, form: str | None) -> NDArray[np.int64]:
    """As the data have them, or as such: a log may come from another program."""
    try:
        return times(block, name, form)
    except NrtiError:
        with suppress(NrtiError):
            return times(block, name)
        raise


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
