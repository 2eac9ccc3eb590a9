# ruff: noqa: S608 (SQL is what this module writes; every value in it goes through `literal`)
"""Tables of text files: CSV, with the SerDes that Athena has for it, and JSON lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nrti_local.athena.catalog.tables import GlueTable, duckdb_type
from nrti_local.athena.sql import literal

#: Hive's field delimiter, and its text for NULL, unless the table sets others.
_CTRL_A, _NULL = "\x01", "\\N"


def _csv(table: GlueTable, files: list[Path], hive: str) -> str:
    """Fields are assigned to columns by position; a value that its column cannot hold is NULL."""
    delimiter, quote, null = _dialect(table)
    raw = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(table.columns)))
    typed = [
        f'{_typed(f"c{index}", duckdb_type(column["Type"]))} AS "{column["Name"]}"'
        for index, column in enumerate(table.columns)
    ]
    typed += [f'"{key["Name"]}"' for key in table.partition_keys]
    return (
        f"SELECT {', '.join(typed)} FROM read_csv([{_paths(files)}], auto_detect = false, header = false, "
        f"skip = {_skipped_lines(table)}, delim = {literal(delimiter)}, quote = {literal(quote)}, "
        f"escape = {literal(quote)}, {null} columns = {{{raw}}}, null_padding = true, strict_mode = false, "
        f"{hive})"
    )


def _typed(field: str, kind: str) -> str:
    """Casts a field. DuckDB's reader would take over a cast of the bare field, and fail with it."""
    return field if kind == "TEXT" else f"TRY_CAST(NULLIF({field}, '') AS {kind})"


def _dialect(table: GlueTable) -> tuple[str, str, str]:
    """Returns the delimiter, the quote, and DuckDB's option for the text of NULL."""
    serde = table.serde
    if "OpenCSVSerde" in serde.library:
        return serde.parameters.get("separatorChar", ","), serde.parameters.get("quoteChar", '"'), ""
    if "LazySimpleSerDe" in serde.library:
        delimiter = serde.parameters.get("field.delim") or serde.parameters.get("serialization.format", "1")
        null = serde.parameters.get("serialization.null.format", _NULL)
        return _CTRL_A if delimiter == "1" else delimiter, "", f"nullstr = {literal(null)},"
    return serde.parameters.get("field.delim", ","), '"', ""


def _skipped_lines(table: GlueTable) -> int:
    lines = str(table.parameters.get("skip.header.line.count", "0"))
    return int(lines) if lines.isdecimal() else 0


def _json(table: GlueTable, files: list[Path], hive: str) -> str:
    """Members are assigned to columns by name; a missing one is NULL."""
    columns = ", ".join(
        f"{literal(column['Name'])}: {literal(duckdb_type(column['Type']))}" for column in table.columns
    )
    names = ", ".join(f'"{column["Name"]}"' for column in [*table.columns, *table.partition_keys])
    return (
        f"SELECT {names} FROM read_json([{_paths(files)}], format = 'newline_delimited', "
        f"columns = {{{columns}}}, {hive})"
    )


def _paths(files: list[Path]) -> str:
    return ", ".join(literal(path) for path in files)


#: By format: returns a table's relation, given its files and DuckDB's options for the partitions.
READERS: dict[str, Callable[[GlueTable, list[Path], str], str]] = {"csv": _csv, "json": _json}
