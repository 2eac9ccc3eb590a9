"""The columns of a result as Athena describes them, and the text form of values in Athena's CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nrti_local.athena.trino.texts import text
from nrti_local.athena.trino.types import Type, quoted
from nrti_local.athena.trino.zones import in_zone

#: The precision of each type in GetQueryResults.
_PRECISIONS = {
    "tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19, "double": 17, "float": 17,
    "varchar": 2147483647, "timestamp": 3, "timestamp with time zone": 3,
}  # fmt: skip
_MILLISECONDS = "'%Y-%m-%d %H:%M:%S.%g'"


@dataclass(frozen=True)
class ResultColumn:
    """A column of a result, as GetQueryResults describes it."""

    name: str
    type: str
    precision: int
    scale: int

    def info(self) -> dict[str, Any]:
        """Returns the ColumnInfo of the API."""
        return {
            "CatalogName": "hive",
            "SchemaName": "",
            "TableName": "",
            "Name": self.name,
            "Label": self.name,
            "Type": self.type,
            "Precision": self.precision,
            "Scale": self.scale,
            "Nullable": "UNKNOWN",
            "CaseSensitive": self.type == "varchar",
        }


def text_column(name: str) -> ResultColumn:
    """Describes a column of a SHOW or DESCRIBE statement."""
    return ResultColumn(name, "string", 0, 0)


def result_column(name: str, kind: Type) -> ResultColumn:
    """Describes a column of a query's result."""
    athena = "float" if kind.name == "real" else kind.name
    if athena == "decimal":
        return ResultColumn(name, athena, *kind.numbers)
    return ResultColumn(name, athena, _PRECISIONS.get(athena, 0), 0)


def render(value: str, kind: Type) -> str:
    """Returns DuckDB's SQL for the text form of a value.

    Args:
        value: DuckDB's SQL of the value.
        kind: its Trino type; a timestamp with time zone must have a known zone.
    """
    maker = {
        "timestamp with time zone": _zoned,
        "timestamp": lambda v, _: f"STRFTIME(trino_rounded({v}, 1000), {_MILLISECONDS})",
        "time": lambda v, _: f"STRFTIME(DATE '1970-01-01' + {v}, '%H:%M:%S.%g')",
        "varbinary": lambda v, _: f"RTRIM(REGEXP_REPLACE(LOWER(HEX({v})), '(..)', '\\1 ', 'g'))",
        "array": _array,
        "map": _map,
        "row": _row,
    }.get(kind.name)
    if maker:
        return maker(value, kind)
    return text(value, kind) or f"CAST({value} AS VARCHAR)"


def _zoned(value: str, kind: Type) -> str:
    zone = kind.zone or "UTC"
    return f"STRFTIME({in_zone(value, zone)}, {_MILLISECONDS}) || ' {zone}'"


def _variable(value: str) -> str:
    return f"e{value.count('LAMBDA') + len(value)}"


def _array(value: str, kind: Type) -> str:
    name = _variable(value)
    element = _or_null(name, kind.inner[0])
    return f"'[' || ARRAY_TO_STRING(LIST_TRANSFORM({value}, LAMBDA {name} : {element}), ', ') || ']'"


def _map(value: str, kind: Type) -> str:
    name = _variable(value)
    key, item = (_or_null(f"{name}.{part}", k) for part, k in zip(("key", "value"), kind.inner, strict=True))
    pairs = f"LIST_TRANSFORM(MAP_ENTRIES({value}), LAMBDA {name} : {key} || '=' || {item})"
    return f"'{{' || ARRAY_TO_STRING({pairs}, ', ') || '}}'"


def _row(value: str, kind: Type) -> str:
    fields = [
        f"'{name.replace(chr(39), chr(39) * 2)}=' || {_or_null(f'({value}).{quoted(name)}', inner)}"
        for name, inner in zip(kind.field_names, kind.inner, strict=True)
    ]
    inside = " || ', ' || ".join(fields)
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE '{{' || {inside} || '}}' END"


def _or_null(value: str, kind: Type) -> str:
    return f"COALESCE({render(value, kind)}, 'null')"
