"""Data sets for training: the generated demo data, or a user's file, checked before it is uploaded."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nrti_cli.counts import show_count
from nrti_cli.errors import NrtiError
from nrti_cli.events import event_schema
from nrti_cli.tables import signal
from nrti_cli.tables.cutting import cut_windows
from nrti_cli.tables.faults import quoted, unfit
from nrti_cli.tables.roles import Roles, roles
from nrti_cli.tables.schema import LABEL, Schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from nrti_cli.tables.formats.blocks import Column, Table
    from nrti_cli.tables.intervals import Intervals
    from nrti_cli.tables.signal import Signal
    from nrti_cli.tables.windows import Windows

#: Minimum rows of each class for the split into training, validation and test.
LEAST_ROWS = 10
_DEMO_FEATURES = ("a", "b", "c")
#: Columns of the uploaded file that are not values.
GROUP_COLUMN, TIME_COLUMN = "__group", "__time"
#: The metadata key of the uploaded file for how its rows were made, as JSON.
_INPUTS_KEY = b"nrti:inputs"
#: The one for where they are from, as JSON.
LINEAGE_KEY = b"nrti:lineage"
#: Sequences that are cut and written at a time.
_CHUNK = 1 << 16
_HINT = "name the label with --label and the values with --features"


def _max_length() -> int:
    """The maximum number of values of an event."""
    return int(event_schema()["definitions"]["data"]["maxItems"])


@dataclass(frozen=True)
class Dataset:
    """Rows for training.

    Attributes:
        origin: of the rows, for messages.
        features: the names of the values, in the order of the sequence.
        sequences: shape (n, length), with NaN for missing values if they are allowed.
        labels: shape (n,), 0 or 1, at least `LEAST_ROWS` of each.
        label: the name of the label column.
        schema: how the rows of a file were read; None if there was no file.
        groups: the name of each row's group, if there are groups.
        times: epoch milliseconds, if there are times.
        remarks: about the file, for the user, a line each.
        lineage: where the rows are from, for the artifact's metadata.
    """

    origin: str
    features: tuple[str, ...]
    sequences: NDArray[np.float64] | Windows
    labels: NDArray[np.int8]
    label: str = LABEL
    schema: Schema | None = None
    groups: Column | None = None
    times: NDArray[np.int64] | None = None
    remarks: tuple[str, ...] = ()
    lineage: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuses rows with too few of a class.

        Raises:
            NrtiError: a class is missing or rare.
        """
        counts = np.bincount(self.labels, minlength=2)
        rarer = int(counts.argmin())
        if counts[rarer] == 0:
            raise NrtiError(
                f"{self.origin}: all {len(self.labels)} rows have {self.label} {1 - rarer}",
                hint="training needs rows of both classes, 0 and 1",
            )
        if counts[rarer] < LEAST_ROWS:
            raise NrtiError(
                f"{self.origin}: only {counts[rarer]} of {len(self.labels)} rows have {self.label} {rarer}",
                hint=f"at least {LEAST_ROWS} are needed for training and evaluation",
            )

    @property
    def counts(self) -> str:
        """Such as `3,000 rows, 296 failures`."""
        return f"{show_count(len(self.labels), 'row')}, {show_count(self.failures, 'failure')}"

    @property
    def failures(self) -> int:
        """The number of rows with label 1."""
        return int(self.labels.sum())

    @property
    def values(self) -> NDArray[np.float64]:
        """All sequences as one array, shape (n, length)."""
        return self.sequences[:]

    def parquet(self) -> bytes:
        """The file that train.py reads: the values in order, group and time, and the label last.

        Its metadata describe how the rows were made.
        """
        sink = io.BytesIO()
        writer: pq.ParquetWriter | None = None
        for table in self._tables():
            # Measurements seldom repeat, but overlapping windows do: zstd compresses them well, and fast.
            writer = writer or pq.ParquetWriter(
                sink,
                table.schema,
                use_dictionary=[GROUP_COLUMN],  # type: ignore[arg-type]  # the stubs know no lists
                compression="zstd",
            )
            writer.write_table(table)
        if writer:
            writer.close()
        return sink.getvalue()

    def _tables(self) -> Iterator[pa.Table]:
        described = {_INPUTS_KEY: json.dumps(self.schema.document())} if self.schema else {}
        if self.lineage:
            described[LINEAGE_KEY] = json.dumps(self.lineage)
        for start in range(0, len(self.labels), _CHUNK):
            some = slice(start, start + _CHUNK)
            columns = dict(zip(self.features, self.sequences[some].T, strict=True))
            if self.groups is not None:
                columns[GROUP_COLUMN] = self.groups[some]
            if self.times is not None:
                columns[TIME_COLUMN] = self.times[some]
            columns[self.label] = self.labels[some]
            arrays = [pa.array(column) for column in columns.values()]
            yield pa.Table.from_arrays(arrays, names=list(columns), metadata=described or None)


def demo(rows: int, seed: int) -> Dataset:
    """Sequences of three integers 0..99; a failure is a peak between two similar values (3.13 %).

    Raises:
        NrtiError: with so few rows, hardly any is a failure.
    """
    values = np.random.default_rng(seed).integers(0, 100, (rows, 3)).astype(np.float64)
    a, b, c = values.T
    failures = (b - a > 50) & (b - c > 50) & (np.abs(a - c) < 20)
    return Dataset(f"the demo data of --rows {rows}", _DEMO_FEATURES, values, failures.astype(np.int8))


def from_table(
    table: Table,
    schema: Schema = Schema(),  # noqa: B008 (it is immutable)
    intervals: Intervals | None = None,
    on_block: Callable[[], None] = lambda: None,
) -> Dataset:
    """Reads a table to its end, and makes sequences and labels of it.

    Args:
        table: an opened file.
        schema: the roles of its columns, and how sequences are made of its rows.
        intervals: time intervals that are labelled as failures, instead of a label column.
        on_block: called after each block.

    Raises:
        NrtiError: something in it cannot be used for training; the message says where.
    """
    found = _roles(table, schema, labelled=intervals is None)
    label = schema.label if intervals is None else None
    read = signal.read_signal(table, schema, found, label=label, on_block=on_block)
    _check_length(table, len(read.names) * (schema.window or 1))
    if intervals:
        read = replace(read, labels=intervals.labels(read))
    settled = replace(
        schema,
        features=found.values,
        exclude=(),
        time=found.column("timestamp"),
        group=found.column("sensor"),
    )
    remarks = _remarks(read, schema.label, intervals)
    return (_windowed if schema.window else _plain)(table, read, settled, remarks)


def _remarks(read: Signal, label: str, intervals: Intervals | None) -> tuple[str, ...]:
    """Remarks about the file for the user."""
    remarks = [f"label {label}: {read.reading}"] if read.reading else []
    if read.dropped:
        remarks.append(f"skipped {show_count(read.dropped, 'row')} with missing values")
    if intervals and (unknown := intervals.unknown(read)):
        remarks.append(unknown)
    return tuple(remarks)


def _plain(table: Table, rows: Signal, schema: Schema, remarks: tuple[str, ...]) -> Dataset:
    """The data set in which each row is a sequence."""
    assert rows.labels is not None  # noqa: S101 (they were read)
    return Dataset(
        table.shown,
        rows.names,
        rows.values,
        rows.labels,
        schema.label,
        schema,
        _named(rows, rows.groups),
        rows.times,
        remarks,
    )


def _windowed(table: Table, every: Signal, schema: Schema, remarks: tuple[str, ...]) -> Dataset:
    """The data set of the windows of rows."""
    found = cut_windows(table.shown, every, schema)
    rows, windows = found.rows, found.windows
    assert rows.labels is not None  # noqa: S101 (they were read)
    return Dataset(
        table.shown,
        window_names(rows.names, windows.size),
        windows,
        windows.labels(rows.labels, schema.window_label),
        schema.label,
        found.schema,
        _named(rows, None if rows.groups is None else rows.groups[windows.ends]),
        None if rows.times is None else rows.times[windows.ends],
        (*remarks, found.remark),
    )


def window_names(channels: Iterable[str], size: int) -> tuple[str, ...]:
    """The names of the values in a window of rows."""
    return tuple(f"{name}[{row}]" for row in range(size) for name in channels)


def _named(rows: Signal, codes: NDArray[np.int32] | None) -> Column | None:
    return None if codes is None else pa.DictionaryArray.from_arrays(codes, list(rows.group_names))


def _roles(table: Table, schema: Schema, *, labelled: bool) -> Roles:
    """The roles of the columns, all of which must exist."""
    named = filter(None, (*schema.exclude, schema.group, schema.time))
    hint = _HINT if labelled and schema.label not in table.names else "name columns of the file"
    found = roles(table, schema, (*((schema.label,) if labelled else ()), *named), hint)
    names = list(found.values)
    if schema.label in names:
        raise NrtiError(
            f"{quoted(schema.label)} is the label and cannot be a feature as well",
            hint="leave it out of --features",
        )
    twice = next((name for name in names if [*names, *table.names].count(name) > 2), None)
    if twice is not None:
        raise unfit(table.shown, f"would give the column {quoted(twice)} twice", "name each once")
    _check_length(table, len(names))
    return found


def _check_length(table: Table, length: int) -> None:
    if not 1 <= length <= _max_length():
        raise unfit(
            table.shown, f"gives sequences of {length} values", f"a sequence has 1 to {_max_length():,}"
        )
