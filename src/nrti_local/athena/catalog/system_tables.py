# ruff: noqa: S608 (SQL is what this module writes; every value in it goes through `literal`)
"""Tables that Athena makes of the catalog: `information_schema`, and `"table$partitions"`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlglot import exp

from nrti_local.athena.catalog import objects
from nrti_local.athena.catalog.tables import GlueTable, Store
from nrti_local.athena.catalog.views import is_view, select_of
from nrti_local.athena.errors import AthenaError, absent
from nrti_local.athena.sql import CATALOG, literal
from nrti_local.athena.trino.scope import Relation
from nrti_local.athena.trino.types import BIGINT, VARCHAR, Type

#: What Athena's has beside the tables below.
_ATHENAS = {"applicable_roles", "enabled_roles", "roles", "table_privileges"}
_PARTITIONS = "$partitions"
Row = tuple[Any, ...]


def is_system(node: exp.Table) -> bool:
    """Whether a reference is to such a table."""
    return node.db.lower() == "information_schema" or node.name.lower().endswith(_PARTITIONS)


def information_schema(node: exp.Table, store: Store) -> Relation:
    """Returns the relation of a table of `information_schema`.

    Raises:
        AthenaError: it has no such table.
    """
    found, name = _TABLES.get(node.name.lower()), f"{CATALOG}.information_schema.{node.name.lower()}"
    if node.name.lower() in _ATHENAS:
        raise absent(name)
    if found is None:
        raise AthenaError(f"TABLE_NOT_FOUND: Table '{name}' does not exist")
    columns, rows = found
    return _relation(columns, list(rows(store)))


def partitions(table: GlueTable, store: Store) -> Relation:
    """Returns the relation of the partitions of a table: a row with the values of each."""
    columns = table.typed_columns[len(table.columns) :]
    return _relation(columns, list(objects.partitions(table, store)))


def without_suffix(node: exp.Table) -> exp.Table:
    """Returns the reference to the table whose partitions are meant."""
    plain = node.copy()
    plain.set("this", exp.to_identifier(node.name[: -len(_PARTITIONS)], quoted=True))
    return plain


def _relation(columns: list[tuple[str, Type]], rows: list[Row]) -> Relation:
    written = ", ".join(f"({', '.join(map(_value, row))})" for row in rows)
    casts = ", ".join(f"CAST(c{index} AS {kind.duckdb})" for index, (_, kind) in enumerate(columns))
    names = ", ".join(f"c{index}" for index in range(len(columns)))
    nulls = ", ".join("NULL" for _ in columns)
    values = f"VALUES {written}" if rows else f"SELECT {nulls} WHERE false"
    return Relation(f"SELECT {casts} FROM ({values}) v({names})", columns)


def _value(value: Any) -> str:
    return "NULL" if value is None else str(value) if isinstance(value, int) else literal(value)


def _schemata(store: Store) -> Iterator[Row]:
    yield from ((CATALOG, name) for name in [*store.databases(), "information_schema"])


def _all_tables(store: Store) -> Iterator[tuple[str, dict[str, Any]]]:
    for schema in store.databases():
        for name in store.tables(schema):
            if definition := store.table(schema, name):
                yield schema, definition


def _tables(store: Store) -> Iterator[Row]:
    for schema, definition in _all_tables(store):
        yield CATALOG, schema, definition["Name"], "VIEW" if is_view(definition) else "BASE TABLE"


def _views(store: Store) -> Iterator[Row]:
    for schema, definition in _all_tables(store):
        if is_view(definition):
            yield CATALOG, schema, definition["Name"], select_of(definition, schema)


def _columns(store: Store) -> Iterator[Row]:
    for schema, definition in _all_tables(store):
        for number, (name, kind) in enumerate(GlueTable(definition).typed_columns, 1):
            yield CATALOG, schema, definition["Name"], name, number, None, "YES", str(kind)


def _text(*names: str) -> list[tuple[str, Type]]:
    return [(name, BIGINT if name == "ordinal_position" else VARCHAR) for name in names]


_TABLE = ("table_catalog", "table_schema", "table_name")
_TABLES: dict[str, tuple[list[tuple[str, Type]], Callable[[Store], Iterator[Row]]]] = {
    "schemata": (_text("catalog_name", "schema_name"), _schemata),
    "tables": (_text(*_TABLE, "table_type"), _tables),
    "columns": (
        _text(*_TABLE, "column_name", "ordinal_position", "column_default", "is_nullable", "data_type"),
        _columns,
    ),
    "views": (_text(*_TABLE, "view_definition"), _views),
}
