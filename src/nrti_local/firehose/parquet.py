"""Converts JSON rows to Parquet by a Glue table's schema, as Firehose's record format conversion does."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.json
import pyarrow.parquet

_PRIMITIVES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("ms"),
}
_ARRAY = re.compile(r"array<(.+)>")


def schema(columns: Sequence[Mapping[str, str]]) -> pa.Schema:
    """The Arrow schema of Glue columns.

    Raises:
        ValueError: a type that cannot be converted.
    """
    return pa.schema([(column["Name"], _arrow_type(column["Type"])) for column in columns])


def _arrow_type(hive: str) -> pa.DataType:
    array = _ARRAY.fullmatch(hive)
    if array:
        return pa.list_(_arrow_type(array.group(1)))
    if hive not in _PRIMITIVES:
        raise ValueError(f"no conversion to Parquet for the Glue type {hive}")
    return _PRIMITIVES[hive]


def convert(rows: Sequence[bytes], target: pa.Schema) -> bytes:
    """One Parquet file of JSON rows.

    Raises:
        pyarrow.ArrowInvalid: a row does not fit the schema.
    """
    options = pa.json.ParseOptions(explicit_schema=target, unexpected_field_behavior="ignore")
    lines = io.BytesIO(b"\n".join(row.strip() for row in rows) + b"\n")
    table = pa.json.read_json(lines, parse_options=options)
    sink = io.BytesIO()
    pa.parquet.write_table(table.select(target.names), sink, compression="snappy")
    return sink.getvalue()
