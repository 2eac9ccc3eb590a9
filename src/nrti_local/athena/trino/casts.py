"""CAST and Trino's own conversions, as DuckDB's text."""

from __future__ import annotations

from collections.abc import Callable

from nrti_local.athena.trino.json_casts import json_cast
from nrti_local.athena.trino.scope import Value
from nrti_local.athena.trino.texts import text
from nrti_local.athena.trino.types import INTEGERS, Type, quoted
from nrti_local.athena.trino.zones import in_zone

#: Microseconds of the last digit of a timestamp, by its precision.
_UNITS = {0: 1_000_000, 1: 100_000, 2: 10_000, 3: 1_000, 4: 100, 5: 10}
#: The names of types in Trino's errors of casts.
_SHOUTED = {"integer": "INT", "bigint": "BIGINT", "smallint": "SMALLINT", "tinyint": "TINYINT"}


def convert(value: Value, target: Type) -> Value:
    """Returns a value as the type to which Trino converts it by itself."""
    if value.type == target or (value.type.duckdb == target.duckdb and value.type.name != "unknown"):
        return Value(value.sql, target.at(value.type.zone) if value.type.name == target.name else target)
    if value.type.name == "row" and target.name == "row":
        return Value(_row_of_fields(value.sql, value.type, target, convert), target)
    if value.type.name == "array" and _has_row(value.type):
        element = convert(Value("e_", value.type.inner[0]), target.inner[0])
        return Value(f"LIST_TRANSFORM({value.sql}, LAMBDA e_ : {element.sql})", target)
    return Value(f"CAST({value.sql} AS {target.duckdb})", target)


def _has_row(kind: Type) -> bool:
    return kind.name == "row" or any(_has_row(each) for each in kind.inner)


def _row_of_fields(sql: str, source: Type, target: Type, cast: Callable[[Value, Type], Value]) -> str:
    """Converts a row field by field; the list keeps DuckDB from computing the row once for each field."""
    fields = [
        f"{quoted(name)} := {cast(Value(f'r_.{quoted(old)}', inner), kind).sql}"
        for name, kind, old, inner in zip(
            target.field_names, target.inner, source.field_names, source.inner, strict=True
        )
    ]
    packed = f"STRUCT_PACK({', '.join(fields)})"
    return f"LIST_TRANSFORM([{sql}], LAMBDA r_ : CASE WHEN r_ IS NULL THEN NULL ELSE {packed} END)[1]"


def cast(value: Value, target: Type) -> Value | None:
    """Returns CAST(value AS target), or None if Trino has no such cast."""
    source = value.type
    if source.name == "unknown":
        return Value(f"CAST({value.sql} AS {target.duckdb})", target)
    if "json" in (source.name, target.name) and source != target:
        return json_cast(value, target)
    if source.name == target.name and source.inner:
        return _nested(value, target)
    maker = _CASTS.get(target.name)
    sql = maker(value.sql, source, target) if maker else None
    if sql is None:
        return None
    return Value(sql, target.at(source.zone) if source.name == target.name else target)


def _nested(value: Value, target: Type) -> Value | None:
    source = value.type
    if len(source.inner) != len(target.inner):
        return None
    inner = [cast(Value("x", old), new) for old, new in zip(source.inner, target.inner, strict=True)]
    if any(each is None for each in inner):
        return None
    return Value(_NESTED[source.name](value.sql, source, target), target)


def _must(value: Value, target: Type) -> Value:
    done = cast(value, target)
    assert done is not None, f"{value.type} to {target} was checked before"  # noqa: S101
    return done


def _array(sql: str, source: Type, target: Type) -> str:
    name = f"e{len(sql)}_"
    element = _must(Value(name, source.inner[0]), target.inner[0]).sql
    return f"LIST_TRANSFORM({sql}, LAMBDA {name} : {element})"


def _map(sql: str, source: Type, target: Type) -> str:
    name = f"e{len(sql)}_"
    key = _must(Value(f"{name}.key", source.inner[0]), target.inner[0]).sql
    item = _must(Value(f"{name}.value", source.inner[1]), target.inner[1]).sql
    pairs = (
        f'LIST_TRANSFORM(MAP_ENTRIES({sql}), LAMBDA {name} : STRUCT_PACK("key" := {key}, "value" := {item}))'
    )
    return f"MAP_FROM_ENTRIES({pairs})"


_NESTED: dict[str, Callable[[str, Type, Type], str]] = {
    "array": _array,
    "map": _map,
    "row": lambda sql, source, target: _row_of_fields(sql, source, target, _must),
}


def _to_varchar(sql: str, source: Type, target: Type) -> str | None:
    plain = sql if source.is_text else f"trino_cast_text({sql})" if source.is_float else text(sql, source)
    if plain is None or not target.numbers:
        return plain
    return (
        f"LEFT({plain}, {target.numbers[0]})"
        if source.is_text
        else f"trino_fitting({plain}, {target.numbers[0]})"
    )


def _to_char(sql: str, source: Type, target: Type) -> str | None:
    length = target.numbers[0] if target.numbers else 1
    return f"RPAD({sql}, {length}, ' ')" if source.is_text else None


def _to_integer(sql: str, source: Type, target: Type) -> str | None:
    if source.is_text:
        return f"CAST(trino_digits({sql}, '{_SHOUTED[target.name]}') AS {target.duckdb})"
    if source.is_float:
        return f"CAST(ROUND({sql}) AS {target.duckdb})"
    return f"CAST({sql} AS {target.duckdb})" if source.is_number or source.name == "boolean" else None


def _to_number(sql: str, source: Type, target: Type) -> str | None:
    if source.is_text:
        return f"CAST(trino_number({sql}, '{str(target).upper()}') AS {target.duckdb})"
    if source.is_number or source.name == "boolean":
        return f"CAST({sql} AS {target.duckdb})"
    return None


def _to_boolean(sql: str, source: Type, _target: Type) -> str | None:
    if source.is_text:
        return f"trino_boolean({sql})"
    if source.is_number:
        return f"({sql} <> 0)"
    return sql if source.name == "boolean" else None


def _to_date(sql: str, source: Type, _target: Type) -> str | None:
    if source.is_text:
        return f"trino_date({sql})"
    if source.name == "timestamp with time zone":
        return f"CAST({in_zone(sql, source.zone)} AS DATE)" if source.zone else None
    return f"CAST({sql} AS DATE)" if source.name in ("date", "timestamp") else None


def rounded(sql: str, source: Type, target: Type) -> str:
    """Returns a timestamp with fewer digits of the second, if the target has fewer."""
    had, wanted = source.numbers[0], target.numbers[0]
    if wanted >= had or wanted not in _UNITS:
        return sql
    unit = _UNITS[wanted]
    return f"trino_rounded({sql}, {unit})"


def _to_timestamp(sql: str, source: Type, target: Type) -> str | None:
    if source.is_text:
        six = Type("timestamp", (6,))
        return rounded(f"trino_timestamp({sql})", six, target)
    if source.name == "date":
        return f"CAST({sql} AS TIMESTAMP)"
    if source.name == "timestamp with time zone":
        return rounded(in_zone(sql, source.zone), source, target) if source.zone else None
    return rounded(sql, source, target) if source.name == "timestamp" else None


def _to_zoned(sql: str, source: Type, target: Type) -> str | None:
    if source.is_text:
        return f"CAST({rounded(f'trino_zoned({sql})', Type('timestamp', (6,)), target)} AS TIMESTAMPTZ)"
    if source.name in ("date", "timestamp"):
        return f"CAST({_to_timestamp(sql, source, target)} AS TIMESTAMPTZ)"
    return sql if source.name == "timestamp with time zone" else None


def _to_time(sql: str, source: Type, _target: Type) -> str | None:
    if source.name == "timestamp with time zone":
        return f"CAST({in_zone(sql, source.zone)} AS TIME)" if source.zone else None
    return f"CAST({sql} AS TIME)" if source.is_text or source.name in ("time", "timestamp") else None


def _to_binary(sql: str, source: Type, _target: Type) -> str | None:
    return f"ENCODE({sql})" if source.is_text else sql if source.name == "varbinary" else None


def _same(sql: str, source: Type, target: Type) -> str | None:
    return sql if source.name == target.name else None


_CASTS: dict[str, Callable[[str, Type, Type], str | None]] = {
    "varchar": _to_varchar,
    "char": _to_char,
    **dict.fromkeys(INTEGERS, _to_integer),
    **dict.fromkeys(("real", "double", "decimal"), _to_number),
    "boolean": _to_boolean,
    "date": _to_date,
    "timestamp": _to_timestamp,
    "timestamp with time zone": _to_zoned,
    "time": _to_time,
    "varbinary": _to_binary,
    "json": _same,
    "uuid": lambda sql, source, _target: (
        f"CAST({sql} AS UUID)" if source.is_text or source.name == "uuid" else None
    ),
    "interval day to second": _same,
    "interval year to month": _same,
}
