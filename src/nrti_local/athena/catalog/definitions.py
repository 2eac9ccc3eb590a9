"""SHOW CREATE TABLE and SHOW CREATE VIEW: the statement that makes a table of the catalog."""

from __future__ import annotations

from collections.abc import Iterator

from nrti_local.athena.catalog.tables import GlueTable


def create_table(table: GlueTable) -> list[str]:
    """Returns the lines of CREATE EXTERNAL TABLE, as Athena breaks them."""
    definition = table.definition
    lines = [f"CREATE EXTERNAL TABLE `{definition['Name']}`(", *_columns(table.columns)]
    if table.partition_keys:
        lines += ["PARTITIONED BY ( ", *_columns(table.partition_keys)]
    return [*lines, *_storage(table), *_properties(definition.get("Parameters") or {})]


def create_view(schema: str, name: str, select: str) -> list[str]:
    """Returns the lines of CREATE VIEW."""
    return [f"CREATE VIEW {schema}.{name} AS", *select.splitlines()]


def _columns(columns: list[dict[str, str]]) -> Iterator[str]:
    for number, column in enumerate(columns, 1):
        comment = f" COMMENT {_quoted(column['Comment'])}" if column.get("Comment") else ""
        yield f"  `{column['Name']}` {column['Type']}{comment}{')' if number == len(columns) else ', '}"


def _storage(table: GlueTable) -> Iterator[str]:
    storage = table.definition.get("StorageDescriptor", {})
    yield "ROW FORMAT SERDE "
    yield f"  {_quoted(table.serde.library)} "
    if table.serde.parameters:
        yield "WITH SERDEPROPERTIES ( "
        yield from _pairs(table.serde.parameters, ") ")
    yield "STORED AS INPUTFORMAT "
    yield f"  {_quoted(storage.get('InputFormat', ''))} "
    yield "OUTPUTFORMAT "
    yield f"  {_quoted(storage.get('OutputFormat', ''))}"
    yield "LOCATION"
    yield f"  {_quoted(storage.get('Location', ''))}"


def _properties(parameters: dict[str, str]) -> Iterator[str]:
    shown = {name: value for name, value in parameters.items() if name != "EXTERNAL"}
    if shown:
        yield "TBLPROPERTIES ("
        yield from _pairs(shown, ")")


def _pairs(pairs: dict[str, str], end: str) -> Iterator[str]:
    for number, (name, value) in enumerate(sorted(pairs.items()), 1):
        yield f"  {_quoted(name)}={_quoted(value)}{end if number == len(pairs) else ', '}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "\\'") + "'"
