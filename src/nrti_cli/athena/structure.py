"""Parses arrays and times with a zone, which Athena writes as text, into Arrow types."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from nrti_cli.aws.athena import Column
from nrti_cli.errors import NrtiError


def structured(batches: Iterable[pa.RecordBatch], columns: list[Column]) -> Iterator[pa.RecordBatch]:
    """Replaces the text of arrays and of times with a zone by values.

    Athena does not report the element type of an array. The first batch decides: numbers, booleans or text.

    Raises:
        NrtiError: a later batch has other elements.
    """
    schema: pa.Schema | None = None
    for batch in batches:
        values = [_convert(array, column) for array, column in zip(batch.columns, columns, strict=True)]
        if schema is None:
            fields = zip(batch.schema.names, values, strict=True)
            schema = pa.schema([pa.field(name, _settled(array.type)) for name, array in fields])
        yield _as(schema, values)


def _convert(array: pa.Array[Any], column: Column) -> pa.Array[Any]:
    if column.type == "array":
        return _arrays(array.to_pylist())
    if column.type == "timestamp with time zone":
        moments = [text and _moment(text) for text in array.to_pylist()]
        return pa.array(moments, pa.timestamp("ms", tz="UTC"))
    return array


def _arrays(texts: list[str | None]) -> pa.Array[Any]:
    """Parses arrays. `[1.0, 2.0]` is JSON; an array of text is not, since Athena does not quote it."""
    try:
        found: pa.Array[Any] = pa.array([text and json.loads(text) for text in texts])
    except (ValueError, pa.ArrowException):
        found = pa.array([text if text is None else _words(text) for text in texts], pa.list_(pa.string()))
    return found


def _words(text: str) -> list[str | None]:
    inner = text[1:-1]
    return [None if word == "null" else word for word in inner.split(", ")] if inner else []


def _settled(kind: pa.DataType) -> pa.DataType:
    """The type of a column; an array without elements becomes one of numbers, as those of the lake."""
    if pa.types.is_null(kind) or (pa.types.is_list(kind) and pa.types.is_null(kind.value_type)):
        return pa.list_(pa.float64())
    return kind


def _moment(text: str) -> datetime:
    """Parses `2026-11-22 13:50:01.123 UTC`, also with the name or the offset of another zone."""
    moment, _, zone = text.rpartition(" ")
    if zone[0] in "+-":
        return datetime.fromisoformat(moment + zone)
    return datetime.fromisoformat(moment).replace(tzinfo=UTC if zone == "UTC" else ZoneInfo(zone))


def _as(schema: pa.Schema, values: list[pa.Array[Any]]) -> pa.RecordBatch:
    arrays = []
    for field, array in zip(schema, values, strict=True):
        try:
            arrays.append(array.cast(field.type))
        except pa.ArrowException as error:
            raise NrtiError(
                f"column {field.name!r} holds both {field.type} and {array.type}",
                hint="use cast(… as json) in the query, or --format csv, which keeps them as text",
            ) from error
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
