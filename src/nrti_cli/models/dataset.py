"""Data sets to train on: the demo's, made by its rule, or a user's file, checked before it goes anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: What an event may carry at most.
MAX_LENGTH = 512
#: Rows of each class that train.py needs to train, validate and test with.
LEAST_ROWS = 10
#: Columns that a data file may hold beside its values.
IGNORED = frozenset({"id", "timestamp"})
DEMO_FEATURES = ("a", "b", "c")
DEFAULT_LABEL = "event"

_TRUTH = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}


@dataclass(frozen=True)
class Dataset:
    """Rows that can be trained on.

    Attributes:
        origin: where they come from, for messages.
        features: the names of the values, in the order of the sequence.
        values: shape (n, length), finite.
        labels: shape (n,), 0 or 1, at least `LEAST_ROWS` of each.
        label: the name of the label's column.
    """

    origin: str
    features: tuple[str, ...]
    values: NDArray[np.float64]
    labels: NDArray[np.int8]
    label: str = DEFAULT_LABEL

    def __post_init__(self) -> None:
        """Refuses rows of which a class cannot be learned or held out.

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
                hint=f"at least {LEAST_ROWS} are needed, to train with and to hold out",
            )

    @property
    def events(self) -> int:
        """How many rows are labelled 1."""
        return int(self.labels.sum())

    def parquet(self) -> bytes:
        """The file that train.py reads: the values in order, then the label as the last column."""
        columns = [pa.array(column) for column in self.values.T]
        table = pa.Table.from_arrays([*columns, pa.array(self.labels)], names=[*self.features, self.label])
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        return sink.getvalue().to_pybytes()


def demo(rows: int, seed: int) -> Dataset:
    """Sequences of three integers 0..99; a failure when the middle one towers over two similar ones (3.13 %).

    Raises:
        NrtiError: there are so few rows that hardly any is a failure.
    """
    values = np.random.default_rng(seed).integers(0, 100, (rows, 3)).astype(np.float64)
    a, b, c = values.T
    failures = (b - a > 50) & (b - c > 50) & (np.abs(a - c) < 20)
    return Dataset(f"the demo data of --rows {rows}", DEMO_FEATURES, values, failures.astype(np.int8))


def from_table(
    table: pa.Table, origin: str, label: str = DEFAULT_LABEL, features: Sequence[str] | None = None
) -> Dataset:
    """Checks a table and takes the sequence and the label from it.

    Args:
        table: the columns of a file.
        origin: the file, for messages.
        label: the name of the label's column.
        features: the names of the values in order; all columns but the label, `id` and `timestamp` if None.

    Raises:
        NrtiError: something in it cannot be trained on; the message says which row or column.
    """
    names = _feature_names(table, origin, label, features)
    if table.num_rows == 0:
        raise NrtiError(f"{origin} has no rows", hint="give it at least one line below the header")
    labels = _labels(table.column(label), f"{origin}, column {label!r}")
    values = np.column_stack([_numbers(table.column(name), f"{origin}, column {name!r}") for name in names])
    return Dataset(origin, tuple(names), values, labels, label)


def _feature_names(table: pa.Table, origin: str, label: str, features: Sequence[str] | None) -> list[str]:
    columns = table.column_names
    for name in (label, *(features or ())):
        if name not in columns:
            raise NrtiError(
                f"{origin} has no column {name!r}, it has {_listed(columns)}",
                hint="name the label with --label and the values with --features",
            )
    names = list(features or [name for name in columns if name not in IGNORED | {label}])
    if label in names:
        raise NrtiError(
            f"{label!r} is the label and cannot be a feature too", hint="leave it out of --features"
        )
    for name in (label, *names):
        if columns.count(name) > 1 or names.count(name) > 1:
            raise NrtiError(f"{origin}: column {name!r} occurs more than once", hint="name every column once")
    if not 1 <= len(names) <= MAX_LENGTH:
        raise NrtiError(
            f"{origin} has {len(names)} feature columns", hint=f"a sequence has 1 to {MAX_LENGTH} values"
        )
    return names


def _listed(names: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(map(repr, islice(names, most)))
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown or "none"


def _numbers(column: pa.ChunkedArray[Any], where: str) -> NDArray[np.float64]:
    """A column as floats, every one of them finite."""
    kind = column.type
    _refuse_missing(column, where)
    if pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_large_string(kind):
        _refuse_text(column, where)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise NrtiError(f"{where}: it holds {kind}, not numbers", hint="choose the columns with --features")
    values: NDArray[np.float64] = column.cast(pa.float64(), safe=False).to_numpy()
    _refuse_first(~np.isfinite(values), values.tolist(), where, "is not a finite number")
    return values


def _refuse_missing(column: pa.ChunkedArray[Any], where: str) -> None:
    if column.null_count:
        row = column.is_null().index(pa.scalar(value=True)).as_py()
        raise NrtiError(f"{where}, row {row + 1}: the value is missing", hint="fill it in or remove the row")


def _refuse_text(column: pa.ChunkedArray[Any], where: str) -> None:
    for row, value in enumerate(column.to_pylist()):
        try:
            float(value)  # type: ignore[arg-type]  # none is missing
        except ValueError:
            raise NrtiError(
                f"{where}, row {row + 1}: {_shown(value)} is not a number",
                hint="correct it, or choose the columns with --features",
            ) from None


def _labels(column: pa.ChunkedArray[Any], where: str) -> NDArray[np.int8]:
    """A label column as 0 and 1, whichever way it spells them."""
    _refuse_missing(column, where)
    spelled = column.to_pylist()
    found = [_TRUTH.get(str(value).strip().lower(), -1) for value in spelled]
    labels = np.array(found, dtype=np.int8)
    _refuse_first(labels < 0, spelled, where, "is neither 0 nor 1")
    return labels


def _refuse_first(wrong: NDArray[np.bool_], values: Sequence[object], where: str, fault: str) -> None:
    if wrong.any():
        row = int(wrong.argmax())
        raise NrtiError(
            f"{where}, row {row + 1}: {_shown(values[row])} {fault}", hint="correct it or remove the row"
        )


def _shown(value: object, most: int = 40) -> str:
    text = repr(value)
    return text if len(text) <= most else f"{text[:most]}…"
