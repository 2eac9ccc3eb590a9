"""Events from windows of the rows of a file, cut as those that the model was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from nrti_cli.producer.records import SEQUENCE, Placed, Record, Remark, roles_of
from nrti_cli.tables.blocks import Table
from nrti_cli.tables.cutting import cut_windows
from nrti_cli.tables.layout import Layout
from nrti_cli.tables.numbers import sequences
from nrti_cli.tables.signal import Signal, read
from nrti_cli.tables.windows import Windows

#: Windows that are cut at once.
_CHUNK = 1 << 12


def window_events(table: Table, layout: Layout, sensor: str, remark: Remark) -> Placed:
    """The windows of a file as events: by group and time, each with the time of its last row.

    Their ids follow from group and time, so a file that is sent again is stored once.

    Args:
        table: opened; it is read to its end.
        layout: what its columns are, and how windows are cut.
        sensor: the name of the group of all rows, if no column has groups.
        remark: hears what was left out.

    Raises:
        NrtiError: the file cannot be read, or is too short.
    """
    found = roles_of(table, layout, remark)
    cut = cut_windows(table.shown, read(table, layout.schema, found), layout.schema)
    windows = cut.windows.complete()
    remark(f"{table.shown}: {cut.remark}")
    for count, what in ((cut.rows.dropped, "rows"), (len(cut.windows) - len(windows), "windows")):
        if count:
            remark(f"{table.shown}: left out {count:,} {what} in which values are missing")
    return _events(table.shown, cut.rows, windows, sensor)


def _events(shown: str, rows: Signal, windows: Windows, sensor: str) -> Placed:
    names = _Names(rows, sensor)
    shape = (-1, windows.size, rows.values.shape[1])
    for start in range(0, len(windows), _CHUNK):
        some = windows[start : start + _CHUNK]
        flat = sequences(some)
        data = flat if shape[2] == 1 else _nested(flat, shape[2])
        for offset, (values, end) in enumerate(zip(data, windows.ends[start:].tolist(), strict=False)):
            yield {SEQUENCE: values, **names.of(end)}, partial(_place, shown, start + offset)


def _nested(flat: list[list[float]], channels: int) -> Iterator[list[list[float]]]:
    """Each sequence as a list of channels for each time."""
    for values in flat:
        yield [values[start : start + channels] for start in range(0, len(values), channels)]


def _place(shown: str, window: int) -> str:
    return f"{shown}, window {window + 1}"


class _Names:
    """The sensor, the time and the id of the events of windows, which come in order."""

    def __init__(self, rows: Signal, sensor: str) -> None:
        self._rows = rows
        self._sensor = sensor
        self._last: tuple[str, int] | None = None
        self._same = 0

    def of(self, end: int) -> Record:
        """Those of the window that ends with a row."""
        rows = self._rows
        sensor = self._sensor if rows.groups is None else rows.group_names[rows.groups[end]]
        if rows.times is None:
            return {"sensor": sensor, "event_id": f"{sensor}-row-{end + 1}"}
        time = int(rows.times[end])
        # Several rows may bear one time.
        self._same = self._same + 1 if self._last == (sensor, time) else 0
        self._last = (sensor, time)
        suffix = f"-{self._same}" if self._same else ""
        return {"sensor": sensor, "timestamp": time, "event_id": f"{sensor}-{time}{suffix}"}
