"""Reads the channel `train`: feature columns, then the label; `__group` and `__time` are not features."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Labels = NDArray[np.int64]

GROUP, TIME = "__group", "__time"
#: The metadata key of a file for how its rows were made, as JSON.
INPUTS = b"nrti:inputs"
#: The one for where they are from, as JSON.
_LINEAGE = b"nrti:lineage"
#: How much closer neighbours are than random rows at a correlation of 0.9.
_ALIKE = 0.3
#: Sequences are overlapping windows if this share of the values that they would have in common is equal.
_MOSTLY = 0.9
#: Minimum rows for that.
_LOOKED_AT = 20_000


class DataError(Exception):
    """The data cannot be used for training; the message says why in one line."""


@dataclass(frozen=True)
class Shape:
    """How the sequences were made.

    Attributes:
        window: rows of a signal in a sequence; 0 if the file had sequences.
        hop: rows between the starts of two sequences; 0 without windows.
        channels: values in a row of the signal; 0 if sequences are flat.
    """

    window: int = 0
    hop: int = 0
    channels: int = 0

    @classmethod
    def of(cls, made: dict[str, Any]) -> Shape:
        """From the description of the inputs in a file."""
        window = made.get("window") or 0
        hop = made.get("hop") or window
        return cls(window, hop, len(made["features"])) if window else cls()

    @property
    def gap(self) -> int:
        """How many sequences to leave out between two so that a window of rows lies between them."""
        return -(-2 * self.window // self.hop) - 1 if self.window and self.hop else 0


@dataclass(frozen=True)
class Data:
    """Sequences with their labels.

    Attributes:
        names: of the feature columns.
        rows: shape (n, length).
        labels: shape (n,), 0 or 1.
        groups: of each sequence, numbered from 0; None if there are none.
        times: milliseconds; None if there are none.
        shape: how the sequences were made.
    """

    names: tuple[str, ...]
    rows: Values
    labels: Labels
    groups: NDArray[np.intp] | None = None
    times: NDArray[np.int64] | None = None
    shape: Shape = Shape()

    def __len__(self) -> int:
        """The number of sequences."""
        return len(self.labels)

    @cached_property
    def hop(self) -> int:
        """By how many values each sequence is the previous one, shifted; 0 if it is not."""
        if self.shape.channels > 1 or len(self) < 2:
            return 0
        some = self.rows[:_LOOKED_AT]
        others = np.random.default_rng(0).permutation(some)

        def shared(rows: Values, hop: int) -> float:
            return float(np.mean(rows[1:, :-hop] == rows[:-1, hop:]))

        hops = range(1, max(self.rows.shape[1] - 2, 1))
        return next((hop for hop in hops if shared(some, hop) > _MOSTLY > 2 * shared(others, hop)), 0)

    @cached_property
    def alike(self) -> bool:
        """Whether neighbours resemble each other like the samples of one signal."""
        if self.hop:
            return True
        some = np.nan_to_num(self.rows[:_LOOKED_AT])
        scale = some.std(axis=0)
        scaled = some / np.where(scale > 0, scale, 1)
        others = scaled[np.random.default_rng(0).permutation(len(scaled))]
        beside = np.median(np.linalg.norm(scaled[1:] - scaled[:-1], axis=1))
        return bool(beside < _ALIKE * np.median(np.linalg.norm(scaled - others, axis=1)))

    @property
    def timed(self) -> bool:
        """Whether the rows are known to be in time order."""
        return self.times is not None or self.shape.window > 0

    @property
    def ordered(self) -> bool:
        """Whether neighbours are consecutive in time, as known or as their values suggest."""
        return self.timed or self.alike

    @property
    def gap(self) -> int:
        """How many sequences to leave out between two so that the rows of a sequence lie between them."""
        if self.shape.window:
            return self.shape.gap
        return Shape(self.rows.shape[1], self.hop).gap if self.hop else 0

    def part(self, chosen: NDArray[Any]) -> Data:
        """Selected sequences."""
        return replace(
            self,
            rows=self.rows[chosen],
            labels=self.labels[chosen],
            groups=None if self.groups is None else self.groups[chosen],
            times=None if self.times is None else self.times[chosen],
        )

    def in_order(self) -> Data:
        """The groups one after the other, each in time order, or unchanged if there are no times."""
        keys = [key for key in (self.times, self.groups) if key is not None]
        return self.part(np.lexsort(keys)) if keys else self


def inputs(channel: Path) -> dict[str, Any]:
    """How the rows were made, from the metadata of the first file; empty if it has none."""
    return _described(channel, INPUTS)


def lineage(channel: Path) -> dict[str, Any]:
    """Where the rows are from, as far as it is known, and the SHA-256 of the files."""
    digest = hashlib.sha256()
    for file in sorted(channel.glob("*.parquet")):
        digest.update(file.read_bytes())
    return {**_described(channel, _LINEAGE), "sha256": digest.hexdigest()}


def _described(channel: Path, key: bytes) -> dict[str, Any]:
    """A JSON object in the metadata of the first file; empty if it has none."""
    for file in sorted(channel.glob("*.parquet")):
        described = (pq.read_schema(file).metadata or {}).get(key)
        return dict(json.loads(described)) if described else {}
    return {}


def read_channel(channel: Path, made: dict[str, Any]) -> Data:
    """All sequences of a channel, in time order if there are times.

    Args:
        channel: a directory of parquet files.
        made: how the rows were made: `window`, `hop`, `features` and `missing` are used here.

    Raises:
        DataError: there are none, or they are not numbers with labels of 0 and 1.
    """
    files = sorted(channel.glob("*.parquet"))
    if not files:
        raise DataError("the channel 'train' has no parquet file")
    table = pa.concat_tables([pq.read_table(file) for file in files])
    *names, label = (name for name in table.column_names if name not in {GROUP, TIME})
    if not names:
        raise DataError(f"the data has no feature columns, only {label!r}")
    shape = Shape.of(made)
    if shape.channels and len(names) != shape.window * shape.channels:
        raise DataError(f"{len(names)} feature columns are not {shape.window} x {shape.channels}")
    missing = made.get("missing") == "keep"
    rows = np.column_stack([_numbers(table, name, missing=missing) for name in names])
    return Data(tuple(names), rows, _labels(table, label), _groups(table), _times(table), shape).in_order()


def _numbers(table: pa.Table, name: str, *, missing: bool = False) -> Values:
    try:
        values: Values = table.column(name).to_numpy().astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"column {name!r} has values that are not numbers") from error
    if np.isinf(values).any() or (not missing and np.isnan(values).any()):
        raise DataError(f"column {name!r} has missing or non-finite values")
    return values


def _labels(table: pa.Table, name: str) -> Labels:
    labels = _numbers(table, name)
    if not np.isin(labels, (0, 1)).all():
        raise DataError(f"the last column, {name!r}, must be the label, with 0 or 1")
    return labels.astype(np.int64)


def _groups(table: pa.Table) -> NDArray[np.intp] | None:
    if GROUP not in table.column_names:
        return None
    encoded = table.column(GROUP).combine_chunks().dictionary_encode()
    if encoded.null_count:
        raise DataError("a row has no group")
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.intp)


def _times(table: pa.Table) -> NDArray[np.int64] | None:
    return _numbers(table, TIME).astype(np.int64) if TIME in table.column_names else None
