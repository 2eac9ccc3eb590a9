# ruff: noqa: S608 (SQL is what this module writes; names of keys are the catalogue's, values are bound)
"""Which partitions of a table a query needs, so that the others' objects are not even opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlglot import exp

from nrti_local.athena.sql import to_duckdb
from nrti_local.athena.tables import GlueTable, Values, duckdb_type

#: Runs SQL with some parameters and returns its rows.
Rows = Callable[..., list[tuple[Any, ...]]]


def matching_partitions(
    table: GlueTable, partitions: set[Values], conditions: list[exp.Expr], rows: Rows
) -> set[Values]:
    """Those partitions that meet the conditions, by DuckDB's own judgement."""
    if not partitions or not conditions:
        return partitions
    keys = table.partition_keys
    raw = ", ".join(f"r{index}" for index in range(len(keys)))
    typed = ", ".join(
        f'TRY_CAST(r{index} AS {duckdb_type(key["Type"])}) AS "{key["Name"]}"'
        for index, key in enumerate(keys)
    )
    # Bound, for DuckDB takes ten times as long to parse the values of some thousand partitions.
    values = ", ".join(f"UNNEST(?::VARCHAR[]) AS r{index}" for index in range(len(keys)))
    where = " AND ".join(f"({to_duckdb(_unqualified(condition))})" for condition in conditions)
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
    """The parts of the query's WHEREs that speak of nothing but this table's partition keys.

    Those of the SELECT around it, and those further out that reach through it: a derived table, or a view,
    that hands the keys on as they are.
    """
    keys = {key["Name"].lower() for key in table.partition_keys}
    found: list[exp.Expr] = []
    source: exp.Expr = node
    while keys and (select := _reader(source)):
        found += _conditions(select, keys, source.alias_or_name.lower())
        keys = {key for key in keys if _hands_on(select, key)}
        if not isinstance(select.parent, exp.Subquery):
            break
        source = select.parent
    return found


def _reader(source: exp.Expr) -> exp.Select | None:
    """The SELECT that has this in its FROM or JOIN.

    Only an inner join lets a condition choose a table's objects: beside an outer join it may ask for the
    rows that have no partner.
    """
    if not isinstance(source.parent, exp.From | exp.Join):
        return None
    select = source.parent.parent
    outer = isinstance(select, exp.Select) and any(join.side for join in select.args.get("joins") or [])
    return select if isinstance(select, exp.Select) and not outer else None


def _conditions(select: exp.Select, keys: set[str], source: str) -> Iterator[exp.Expr]:
    where = select.args.get("where")
    if where is None:
        return
    condition = where.this.unnest()
    for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
        if _speaks_only_of(part, keys, {"", source}):
            yield part


def _speaks_only_of(part: exp.Expr, keys: set[str], tables: set[str]) -> bool:
    columns = list(part.find_all(exp.Column))
    return (
        bool(columns)
        and part.find(exp.Query) is None
        and all(column.name.lower() in keys and column.table.lower() in tables for column in columns)
    )


def _hands_on(select: exp.Select, key: str) -> bool:
    """Whether a condition on a key means the same outside of the SELECT as within.

    It does unless the rows that it leaves out would have had a say in the others: by a LIMIT, or in a group
    or a window that spans partitions.
    """
    if select.args.get("limit") or select.args.get("offset"):
        return False
    named = [each for each in select.expressions if each.is_star or each.alias_or_name.lower() == key]
    group = select.args.get("group")
    sets = [window.args.get("partition_by") or [] for window in select.find_all(exp.Window)]
    sets += [group.expressions] if group else []
    return (
        len(named) == 1
        and (named[0].is_star or isinstance(named[0].unalias(), exp.Column))
        and named[0].unalias().name.lower() in ("*", key)
        and all(any(_is_column(each, key) for each in columns) for columns in sets)
    )


def _is_column(node: exp.Expr, name: str) -> bool:
    return isinstance(node, exp.Column) and node.name.lower() == name
