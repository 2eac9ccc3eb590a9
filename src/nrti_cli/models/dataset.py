"""Data sets to train on: the demo's, made by its rule, or a user's file, checked before it goes anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nrti_cli.errors import NrtiError
from nrti_cli.tables.faults import fault, listed, quoted, unfit
from nrti_cli.tables.labels import Labels
from nrti_cli.tables.numbers import matrix, value_names
from nrti_cli.tables.roles import LABEL, value_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from nrti_cli.tables.blocks import Table

#: What an event may carry at most.
MAX_LENGTH = 512
#: Rows of each class that train.py needs to train, validate and test with.
LEAST_ROWS = 10
DEMO_FEATURES = ("a", "b", "c")


@dataclass(frozen=True)
class Dataset:
    """Rows that can be trained on.

    Attributes:
        origin: where they come from, for messages.
        features: the names of the values, in the order of the sequence.
        values: shape (n, length), finite.
        labels: shape (n,), 0 or 1, at least `LEAST_ROWS` of each.
        label: the name of the label's column.
        reading: what its values were taken for, if that does not go without saying.
    """

    origin: str
    features: tuple[str, ...]
    values: NDArray[np.float64]
    labels: NDArray[np.int8]
    label: str = LABEL
    reading: str = ""

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
    def failures(self) -> int:
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
    table: Table,
    label: str = LABEL,
    features: Sequence[str] | None = None,
    on_block: Callable[[], None] = lambda: None,
) -> Dataset:
    """Reads a table to its end and takes the sequences and the labels from it.

    Args:
        table: an opened file.
        label: the name of the label's column.
        features: the names of the values in order; if None all columns but the label and the fields of an
            event.
        on_block: called now and then while it reads.

    Raises:
        NrtiError: something in it cannot be trained on; the message says where.
    """
    names, labels = _feature_names(table, label, features), Labels(label)
    values, found = [], list(names)
    for block in table.blocks:
        labels.add(block)
        values.append(matrix(block, names))
        if len(values) == 1:
            found = value_names(block, names)
        elif values[-1].shape[1] != len(found):
            problem = f"{values[-1].shape[1]} numbers, and {len(found)} in the rows before"
            raise fault(block.place(0), problem, "make all rows equally long")
        on_block()
    if not values:
        raise unfit(table.shown, "has no rows", "give it at least one line below the names")
    _check_length(table, len(found))
    truths, reading = labels.truths()
    return Dataset(table.shown, tuple(found), np.concatenate(values), truths, label, reading)


def _feature_names(table: Table, label: str, features: Sequence[str] | None) -> list[str]:
    for name in (label, *(features or ())):
        if name not in table.names:
            raise unfit(
                table.shown,
                f"has no column {quoted(name)}, it has {listed(table.names)}",
                "name the label with --label and the values with --features",
            )
    names = list(features or value_columns(table.names, label))
    if label in names:
        raise NrtiError(
            f"{quoted(label)} is the label and cannot be a feature too", hint="leave it out of --features"
        )
    twice = next((name for name in (label, *names) if [label, *names, *table.names].count(name) > 2), None)
    if twice is not None:
        raise unfit(table.shown, f"has or is to give the column {quoted(twice)} twice", "name each once")
    _check_length(table, len(names))
    return names


def _check_length(table: Table, length: int) -> None:
    if not 1 <= length <= MAX_LENGTH:
        raise unfit(table.shown, f"has {length} feature columns", f"a sequence has 1 to {MAX_LENGTH} values")
