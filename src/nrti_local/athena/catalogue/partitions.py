# ruff: noqa: S608 (SQL is what this module writes; names of keys are the catalogue's, values are bound)
"""Partition pruning: objects of partitions that a query excludes are not opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlglot import exp

from nrti_local.athena.catalogue.tables import GlueTable, Values, duckdb_type, trino_type
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

    They come from the SELECT that reads the table, and from outer ones if a derived table or a view passes
    the keys through unchanged.
    """
    keys = {key["Name"].lower() for key in table.partition_keys}
    found: list[exp.Expr] = []
    source: exp.Expr = node
    while keys and (select := _reader(source)):
        names = {"", source.alias_or_name.lower()}
        found += _conditions(select, keys, names)
        keys = {key for key in keys if _passes_through(select, key, names)}
        if not isinstance(select.parent, exp.Subquery):
            break
        source = select.parent
    return found


def _reader(source: exp.Expr) -> exp.Select | None:
    """Returns the SELECT that has this in its FROM or JOIN.

    If an outer join adds rows without this source there is none: a condition may then select those rows.
    """
    clause = source.parent
    if not isinstance(clause, exp.From | exp.Join) or not isinstance(clause.parent, exp.Select):
        return None
    joins = clause.parent.args.get("joins") or []
    later = joins if isinstance(clause, exp.From) else joins[joins.index(clause) + 1 :]
    adding = [join.side for join in later if join.side in ("RIGHT", "FULL")]
    own = clause.side if isinstance(clause, exp.Join) else ""
    return None if adding or own in ("LEFT", "FULL") else clause.parent


def _conditions(select: exp.Select, keys: set[str], names: set[str]) -> Iterator[exp.Expr]:
    where = select.args.get("where")
    if where is None:
        return
    condition = where.this.unnest()
    for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
        if _refers_only_to(part, keys, names):
            yield part


def _refers_only_to(part: exp.Expr, keys: set[str], tables: set[str]) -> bool:
    columns = list(part.find_all(exp.Column))
    return (
        bool(columns)
        and part.find(exp.Query) is None
        and all(column.name.lower() in keys and column.table.lower() in tables for column in columns)
    )


def _passes_through(select: exp.Select, key: str, names: set[str]) -> bool:
    """Whether a condition on a key can be pushed down into the SELECT.

    It cannot if the rows that it excludes affect the others: by a LIMIT, or in a group or a window that spans
    partitions.
    """
    if select.args.get("limit") or select.args.get("offset"):
        return False
    named = [each for each in select.expressions if each.is_star or each.alias_or_name.lower() == key]
    group = select.args.get("group")
    sets = [window.args.get("partition_by") or [] for window in select.find_all(exp.Window)]
    sets += [group.expressions] if group else []
    return (
        len(named) == 1
        and isinstance(named[0].unalias(), exp.Column | exp.Star)
        and named[0].unalias().name.lower() in ("*", key)
        and named[0].unalias().text("table").lower() in names
        and all(any(_is_column(each, key) for each in columns) for columns in sets)
    )


def _is_column(node: exp.Expr, name: str) -> bool:
    return isinstance(node, exp.Column) and node.name.lower() == name
