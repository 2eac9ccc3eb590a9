# ruff: noqa: S608 (SQL is what this module writes; names of keys are the catalog's, values are bound)
"""Partition pruning: objects of partitions that a query excludes are not opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from nrti_local.athena.catalog.readers import conjuncts, readers
from nrti_local.athena.catalog.tables import GlueTable, Values, duckdb_type, trino_type
from nrti_local.athena.trino import macros
from nrti_local.athena.trino.scope import Column, Value
from nrti_local.athena.trino.translation import condition as translated
from nrti_local.athena.trino.types import quoted

#: Runs SQL with some parameters and returns its rows.
Rows = Callable[..., list[tuple[Any, ...]]]


def matching_partitions(
    table: GlueTable, conditions: list[exp.Expr], rows: Rows, partitions: set[Values]
) -> set[Values]:
    """Returns the partitions that satisfy the conditions, as DuckDB evaluates them."""
    if not partitions:
        return partitions
    keys = table.partition_keys
    raw = ", ".join(f"r{index}" for index in range(len(keys)))
    typed = ", ".join(
        f'TRY_CAST(r{index} AS {duckdb_type(key["Type"])}) AS "{key["Name"]}"'
        for index, key in enumerate(keys)
    )
    # Bound as parameters: parsing the values of some thousand partitions takes DuckDB ten times as long.
    values = ", ".join(f"UNNEST(?::VARCHAR[]) AS r{index}" for index in range(len(keys)))
    named = [Column(key["Name"], Value(quoted(key["Name"]), trino_type(key["Type"]))) for key in keys]
    where = " AND ".join(f"({translated(_unqualified(condition), named)})" for condition in conditions)
    for statement in macros.needed(where):
        rows(statement)
    columns = [list(column) for column in zip(*partitions, strict=True)]
    sql = f"SELECT {raw} FROM (SELECT {raw}, {typed} FROM (SELECT {values})) WHERE {where}"
    return {tuple(map(str, each)) for each in rows(sql, *columns)}


def _unqualified(condition: exp.Expr) -> exp.Expr:
    condition = condition.copy()
    for column in condition.find_all(exp.Column):
        column.set("table", None)
        column.set("db", None)
    return condition


def partition_conditions(node: exp.Table, table: GlueTable) -> list[exp.Expr]:
    """Returns the conditions in WHERE clauses that refer only to this table's partition keys.

    They come from the SELECT that reads the table, and from outer ones if a derived table, a view or a query
    of WITH passes the keys through unchanged.
    """
    keys = {key["Name"].lower() for key in table.partition_keys}
    return [
        part
        for select, kept, names in readers(node, keys)
        for part in conjuncts(select)
        if _refers_only_to(part, kept, names)
    ]


def _refers_only_to(part: exp.Expr, keys: set[str], tables: set[str]) -> bool:
    columns = list(part.find_all(exp.Column))
    return (
        bool(columns)
        and part.find(exp.Query) is None
        and all(column.name.lower() in keys and column.table.lower() in tables for column in columns)
    )
