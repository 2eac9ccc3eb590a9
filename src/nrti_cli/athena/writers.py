"""Writes a result as CSV, JSON Lines or Parquet."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import pyarrow as pa
from pyarrow import csv, parquet

from nrti_cli.athena.structure import structured
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from nrti_cli.athena.result import Result

FileFormat = Literal["csv", "json", "parquet"]


def write(file: BinaryIO, format_: FileFormat, batches: Iterable[pa.RecordBatch], result: Result) -> None:
    """Writes a result.

    Args:
        file: the output, which stays open.
        format_: `csv` (RFC 4180 with a header; NULL is empty, an empty text is `""`), `json` (an object per
            line) or `parquet`.
        batches: the rows, all or the first ones.
        result: has the columns.

    Raises:
        NrtiError: two columns have the same name, which JSON and Parquet do not support.
    """
    if format_ == "csv":
        return _write_csv(file, batches, result.schema)
    names = result.schema.names
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise NrtiError(f"two columns are called {twice!r}", hint="rename one of them with AS")
    rows = structured(batches, result.columns)
    if format_ == "json":
        return _write_json(file, rows)
    nothing = structured([pa.RecordBatch.from_pylist([], schema=result.schema)], result.columns)
    return _write_parquet(file, rows, empty=next(nothing))


def _write_csv(file: BinaryIO, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
    with csv.CSVWriter(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _write_json(file: BinaryIO, batches: Iterable[pa.RecordBatch]) -> None:
    for batch in batches:
        lines = (json.dumps(_plain(row), ensure_ascii=False) + "\n" for row in batch.to_pylist())
        file.write("".join(lines).encode())


def _plain(value: Any) -> Any:
    """Converts a value for JSON: times in ISO 8601, and null for NaN and infinity."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write_parquet(file: BinaryIO, batches: Iterator[pa.RecordBatch], empty: pa.RecordBatch) -> None:
    first = next(batches, empty)
    with parquet.ParquetWriter(file, first.schema) as writer:
        writer.write_batch(first)
        for batch in batches:
            writer.write_batch(batch)
