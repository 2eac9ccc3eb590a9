"""Athena's names for DuckDB's types, and the text form of values in Athena's CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_NAMES = {
    "null": "unknown",
    "hugeint": "bigint", "uhugeint": "bigint", "ubigint": "bigint", "uinteger": "bigint",
    "usmallint": "integer", "utinyint": "smallint",
    "blob": "varbinary", "enum": "varchar", "list": "array", "struct": "row",
    "timestamp_s": "timestamp", "timestamp_ms": "timestamp", "timestamp_ns": "timestamp",
    "interval": "interval day to second",
}  # fmt: skip
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


def result_column(name: str, kind: Any) -> ResultColumn:
    """Describes a column of DuckDB's result.

    Args:
        name: the column's name.
        kind: its DuckDBPyType.
    """
    athena = "json" if str(kind) == "JSON" else _NAMES.get(kind.id, kind.id)
    if athena == "decimal":
        return ResultColumn(name, athena, *(number for _, number in kind.children))
    return ResultColumn(name, athena, _PRECISIONS.get(athena, 0), 0)


def render(value: str, kind: Any) -> str:
    """Returns the SQL expression for the text form of a value.

    Args:
        value: an SQL expression.
        kind: its DuckDBPyType.
    """
    if kind.id == "timestamp with time zone":
        return f"STRFTIME({value}, {_MILLISECONDS}) || ' UTC'"
    if kind.id.startswith("timestamp"):
        return f"STRFTIME({value}, {_MILLISECONDS})"
    if kind.id in ("double", "float"):
        return (
            f"CASE WHEN ISNAN({value}) THEN 'NaN' WHEN ISINF({value}) THEN "
            f"IF({value} > 0, 'Infinity', '-Infinity') ELSE CAST({value} AS VARCHAR) END"
        )
    if kind.id == "blob":
        return f"RTRIM(REGEXP_REPLACE(LOWER(HEX({value})), '(..)', '\\1 ', 'g'))"
    if kind.id in ("list", "map", "struct"):
        return f"IF({value} IS NULL, NULL, {_render_nested(value, kind)})"
    return f"CAST({value} AS VARCHAR)"


def _render_nested(value: str, kind: Any) -> str:
    """Returns the SQL for `[1.0, 2.0]` or `{key=value}`; a nested NULL is the word null."""
    variable = f"e{value.count('LAMBDA') + len(value)}"
    children = dict(kind.children)
    if kind.id == "list":
        element = _or_null(variable, children["child"])
        return f"'[' || ARRAY_TO_STRING(LIST_TRANSFORM({value}, LAMBDA {variable} : {element}), ', ') || ']'"
    if kind.id == "map":
        key, item = (_or_null(f"{variable}.{part}", children[part]) for part in ("key", "value"))
        pair = f"{key} || '=' || {item}"
        pairs = f"LIST_TRANSFORM(MAP_ENTRIES({value}), LAMBDA {variable} : {pair})"
        return f"'{{' || ARRAY_TO_STRING({pairs}, ', ') || '}}'"
    fields = [
        f"'{_field_name(name, index)}=' || {_or_null(_field(value, name), child)}"
        for index, (name, child) in enumerate(kind.children)
    ]
    return "'{' || " + " || ', ' || ".join(fields) + " || '}'"


def _field_name(name: str, index: int) -> str:
    """Returns Athena's name of a field: unnamed ones are field0, field1 and so on."""
    return f"field{index}" if name in ("", f"_{index}") else name.replace("'", "''")


def _field(value: str, name: str) -> str:
    return f"STRUCT_EXTRACT({value}, '{name.replace(chr(39), chr(39) * 2)}')"


def _or_null(value: str, kind: Any) -> str:
    return f"COALESCE({render(value, kind)}, 'null')"
