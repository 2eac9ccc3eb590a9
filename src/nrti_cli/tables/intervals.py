"""Time intervals of failures in a file of their own, such as a maintenance log."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nrti_cli.errors import NrtiError
from nrti_cli.tables.faults import fault, listed, unfit
from nrti_cli.tables.formats.blocks import Block
from nrti_cli.tables.formats.form import FOUND, Form
from nrti_cli.tables.groups import groups
from nrti_cli.tables.reader import opened
from nrti_cli.tables.schema import Schema
from nrti_cli.tables.signal import Signal
from nrti_cli.tables.times import times

#: The group column, if the file has no column of the data's name for it.
_GROUPS = ("sensor", "group")
_EVERY = ""
Span = tuple[int, int]


@dataclass(frozen=True)
class Intervals:
    """Intervals of failures.

    Attributes:
        shown: the file's name for messages.
        spans: of each group, first and last millisecond, sorted and without overlaps; those of all groups are
            under the empty name.
    """

    shown: str
    spans: Mapping[str, list[Span]]

    def labels(self, signal: Signal) -> NDArray[np.int8]:
        """1 for each row within an interval of its group, including both ends.

        Raises:
            NrtiError: the rows have no times, or no groups.
        """
        if signal.times is None:
            what = "labels rows by time, but the data has no times"
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
            what = "has intervals of groups, but the data has no groups"
            raise unfit(self.shown, what, "name their column with --group")
        code = signal.group_names.index(group) if group in signal.group_names else -1
        found: NDArray[np.bool_] = signal.groups == code
        return found

    def unknown(self, signal: Signal) -> str:
        """The groups that are not in the data, as text; empty if there are none."""
        strangers = [group for group in self.spans if group != _EVERY and group not in signal.group_names]
        return f"{self.shown} has intervals of groups without rows: {listed(strangers)}" if strangers else ""


def read_intervals(name: str, schema: Schema, form: Form = FOUND) -> Intervals:
    """Reads a file with the columns start, end and optionally a group.

    Raises:
        NrtiError: it cannot be parsed; the message names the line.
    """
    spans: dict[str, list[Span]] = {}
    with opened(name, form) as table:
        lacking = [column for column in ("start", "end") if column not in table.names]
        if lacking:
            has = f"has no column {listed(lacking)}, it has {listed(table.names, 3)}"
            raise unfit(table.shown, has, "name the columns start and end, and the group as in the data")
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
    """In the data's time format, or in a standard one: a log may come from another program."""
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
