"""Makes events of windows of the rows of a file, cut like those that the model was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from nrti_cli.producer.records import SEQUENCE, Placed, Remark, roles_of
from nrti_cli.producer.window_ids import WindowIds
from nrti_cli.tables.cutting import cut_windows
from nrti_cli.tables.formats.blocks import Table
from nrti_cli.tables.layout import Layout
from nrti_cli.tables.numbers import sequences
from nrti_cli.tables.signal import Signal, read_signal
from nrti_cli.tables.windows import Windows

#: Windows that are cut at a time.
_CHUNK = 1 << 12


def window_events(table: Table, layout: Layout, sensor: str, remark: Remark) -> Placed:
    """The windows of a file as events: by group and time, each with the time of its last row.

    Their ids are derived from group and time, so that a file that is sent again is stored once.

    Args:
        table: opened; it is read to its end.
        layout: the roles of its columns, and how to cut windows.
        sensor: the name of the group of all rows, if there is no group column.
        remark: called with a text about skipped data.

    Raises:
        NrtiError: the file cannot be read, or is too short.
    """
    found = roles_of(table, layout, remark)
    cut = cut_windows(table.shown, read_signal(table, layout.schema, found), layout.schema)
    windows = cut.windows.complete()
    remark(cut.remark)
    for count, what in ((cut.rows.dropped, "rows"), (len(cut.windows) - len(windows), "windows")):
        if count:
            remark(f"skipped {count:,} {what} with missing values")
    return _events(table.shown, cut.rows, windows, sensor)


def _events(shown: str, rows: Signal, windows: Windows, sensor: str) -> Placed:
    ids, firsts, channels = WindowIds(), _firsts(rows), rows.values.shape[1]
    for start in range(0, len(windows), _CHUNK):
        flat = sequences(windows[start : start + _CHUNK])
        data = flat if channels == 1 else _nested(flat, channels)
        for number, (values, end) in enumerate(zip(data, windows.ends[start:].tolist(), strict=False), start):
            group = 0 if rows.groups is None else int(rows.groups[end])
            name = sensor if rows.groups is None else rows.group_names[group]
            time = None if rows.times is None else int(rows.times[end])
            event = {SEQUENCE: values, **ids.named(name, time, end - firsts[group] + 1)}
            yield event, partial(_place, shown, number)


def _firsts(rows: Signal) -> list[int]:
    """The first row of each group."""
    if rows.groups is None:
        return [0]
    found: list[int] = np.searchsorted(rows.groups, np.arange(len(rows.group_names))).tolist()
    return found


def _nested(flat: list[list[float]], channels: int) -> Iterator[list[list[float]]]:
    """Each sequence as a list of channels for each time."""
    for values in flat:
        yield [values[start : start + channels] for start in range(0, len(values), channels)]


def _place(shown: str, window: int) -> str:
    return f"{shown}, window {window + 1}"
