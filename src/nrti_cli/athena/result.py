"""The result of a query, streamed from S3 as typed Arrow batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import IOBase
from typing import TYPE_CHECKING, BinaryIO, cast

import pyarrow as pa
from pyarrow import csv

from nrti_cli.aws.athena import Athena, Column, Execution
from nrti_cli.aws.s3.objects import S3

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

#: Bytes of CSV in a batch. They limit the memory, whatever the size of the result.
_BLOCK = 1 << 20
_TYPES: dict[str, pa.DataType] = {
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "smallint": pa.int16(),
    "tinyint": pa.int8(),
    "double": pa.float64(),
    "float": pa.float32(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("ms"),
}


@dataclass(frozen=True)
class Result:
    """The result of a query.

    Attributes:
        execution: its statistics.
        columns: may be empty, for example after CREATE TABLE.
        batches: the rows, as an iterator. Arrays, rows, maps, JSON and times with a zone are still text.
    """

    execution: Execution
    columns: list[Column]
    batches: Iterator[pa.RecordBatch]

    @property
    def schema(self) -> pa.Schema:
        """The names and types of the batches."""
        return pa.schema([pa.field(column.name, _arrow_type(column)) for column in self.columns])


class Limited:
    """The first rows of an iterator of batches.

    Attributes:
        count: number of rows read so far.
        more: whether there are rows beyond the limit.
    """

    def __init__(self, batches: Iterable[pa.RecordBatch], limit: int | None) -> None:
        self._batches = batches
        self._limit = limit
        self.count = 0
        self.more = False

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches, the last one cut to size."""
        for batch in self._batches:
            room = batch.num_rows if self._limit is None else self._limit - self.count
            self.more = batch.num_rows > room
            kept = batch.slice(0, room)
            self.count += kept.num_rows
            yield kept
            if self.more:
                return


def open_result(target: Target, execution: Execution) -> Result:
    """Opens the result of a successful query."""
    columns = Athena(target).columns(execution)
    return Result(execution, columns, batches(target, execution, columns))


def batches(target: Target, execution: Execution, columns: list[Column]) -> Iterator[pa.RecordBatch]:
    """Streams the rows of a result; the type of a column determines how its values are parsed."""
    if not columns:
        return iter(())
    stream = cast("BinaryIO", S3(target).open(execution.location))
    read = read_csv if execution.location.endswith(".csv") else read_text
    return read(stream, columns)


def _arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a column's values; text for types that need further parsing."""
    if column.type == "decimal":
        return pa.decimal128(column.precision, column.scale)
    return _TYPES.get(column.type, pa.string())


def read_csv(stream: BinaryIO, columns: list[Column]) -> Iterator[pa.RecordBatch]:
    """Reads Athena's CSV: a header, all values quoted; NULL is empty and not quoted."""
    # Two columns may have the same name, so columns go by number until they are typed.
    numbers = [str(index) for index in range(len(columns))]
    reader = csv.open_csv(
        cast("BinaryIO", pa.PythonFile(cast("IOBase", stream), mode="r")),
        csv.ReadOptions(column_names=numbers, skip_rows_after_names=1, block_size=_BLOCK, use_threads=False),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types=dict(zip(numbers, map(_arrow_type, columns), strict=True)),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    names = [column.name for column in columns]
    for batch in reader:
        yield batch.rename_columns(names)


def read_text(stream: BinaryIO, columns: list[Column]) -> Iterator[pa.RecordBatch]:
    """Reads the result of SHOW, DESCRIBE or EXPLAIN: short lines of values separated by tabs."""
    rows = [line.split("\t") for line in stream.read().decode().splitlines()]
    values = [
        pa.array([row[index].strip() if index < len(row) else None for row in rows], pa.string())
        for index in range(len(columns))
    ]
    yield pa.RecordBatch.from_arrays(values, [column.name for column in columns])
