# ruff: noqa: S608 (SQL is what this module writes, from expressions that were translated before)
"""SELECT, UNION, VALUES and WITH: a query as DuckDB's text, and its columns with Trino's types."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino import sources
from nrti_local.athena.trino.casts import convert
from nrti_local.athena.trino.grouping import check_grouping, group_by, not_grouped
from nrti_local.athena.trino.items import Item, items_of
from nrti_local.athena.trino.naming import numbered
from nrti_local.athena.trino.operators import boolean
from nrti_local.athena.trino.refusals import RefusalError, absent, mismatch
from nrti_local.athena.trino.scope import Column, Relation, Scope, Statement, Value
from nrti_local.athena.trino.sorting import limits, order_by
from nrti_local.athena.trino.types import Type, common

#: The parts of a SELECT that this module translates.
_PARTS = {
    "expressions", "from_", "joins", "laterals", "where", "group", "having", "order", "limit", "offset",
    "distinct", "with_", "windows",
}  # fmt: skip
_SET_OPERATORS = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}


def statement(tree: exp.Query, shared: Statement) -> Relation:
    """Translates a whole query."""
    return query(tree, Scope(shared))


def query(tree: exp.Expr, parent: Scope) -> Relation:
    """Returns a query's relation.

    Args:
        tree: the query.
        parent: the scope of the query that contains it.

    Raises:
        RefusalError: Trino refuses it, or the embedded AWS does not have a part of it.
    """
    scope = Scope(parent.statement, parent)
    prefix = _with(tree, scope)
    if isinstance(tree, exp.Subquery):
        found = _parenthesized(tree, scope)
    elif isinstance(tree, exp.Select):
        found = _select(tree, scope)
    elif isinstance(tree, exp.SetOperation):
        found = _set_operation(tree, scope)
    elif isinstance(tree, exp.Values):
        found = sources.values(tree, scope)
    elif isinstance(tree, exp.Table):
        found = _select(exp.select("*").from_(tree), scope)
    else:
        raise absent(f"'{tree.key.upper()}'", tree)
    return Relation(prefix + found.sql, found.columns)


def values_of(tree: exp.Expr, scope: Scope) -> Relation:
    """Returns the relation of a query in an expression, which has one column.

    Raises:
        RefusalError: the query has several columns.
    """
    relation = query(tree.unnest() if isinstance(tree, exp.Subquery) else tree, scope)
    if len(relation.columns) != 1:
        raise absent("A subquery of several columns as a value", tree)
    return relation


def _with(tree: exp.Expr, scope: Scope) -> str:
    """Translates WITH; returns DuckDB's clause."""
    clause = tree.args.get("with_")
    if clause is None:
        return ""
    if clause.args.get("recursive"):
        raise absent("WITH RECURSIVE", tree)
    written = []
    for each in clause.expressions:
        inner = query(each.this, scope)
        names = [column.name for column in each.args["alias"].columns]
        if names and len(names) != len(inner.columns):
            text = f"Column alias list has {len(names)} entries but relation has {len(inner.columns)} columns"
            raise mismatch(text, each)
        columns = (
            [(new, kind) for new, (_, kind) in zip(names, inner.columns, strict=True)]
            if names
            else inner.columns
        )
        name = scope.statement.unique("w")
        written.append(f"{name} AS ({inner.sql})")
        scope.relations[each.alias.lower()] = Relation(f"SELECT * FROM {name}", columns)
    return f"WITH {', '.join(written)} "


def _parenthesized(tree: exp.Subquery, scope: Scope) -> Relation:
    inner = query(tree.this, scope)
    return Relation(_tail(f"({inner.sql})", tree, inner.columns, scope), inner.columns)


def _set_operation(tree: exp.SetOperation, scope: Scope) -> Relation:
    name = _SET_OPERATORS[type(tree)]
    left, right = query(tree.this, scope), query(tree.expression, scope)
    if len(left.columns) != len(right.columns):
        text = f"{name} query has different number of fields: {len(left.columns)}, {len(right.columns)}"
        raise mismatch(text, tree)
    columns: list[tuple[str, Type]] = []
    for number, ((column, one), (_, other)) in enumerate(zip(left.columns, right.columns, strict=True), 1):
        both = common(one, other)
        if both is None:
            raise mismatch(f"column {number} in {name} query has incompatible types: {one}, {other}", tree)
        columns.append((column, both))
    kinds = [kind for _, kind in columns]
    every = "" if tree.args.get("distinct") else " ALL"
    sql = f"({retyped(left, kinds, scope)}) {name}{every} ({retyped(right, kinds, scope)})"
    return Relation(_tail(sql, tree, columns, scope), columns)


def retyped(relation: Relation, kinds: list[Type], scope: Scope) -> str:
    """Returns a relation with its columns converted to other types."""
    old = [kind for _, kind in relation.columns]
    if [kind.duckdb for kind in old] == [kind.duckdb for kind in kinds] and Type("unknown") not in old:
        return relation.sql
    name = scope.statement.unique("q")
    items = ", ".join(
        convert(Value(f"{name}.c{i}", a), b).sql for i, (a, b) in enumerate(zip(old, kinds, strict=True))
    )
    return f"SELECT {items} FROM ({relation.sql}) {name}({numbered(len(kinds))})"


def _tail(sql: str, tree: exp.Expr, columns: list[tuple[str, Type]], scope: Scope) -> str:
    """Adds ORDER BY, OFFSET and LIMIT to a set operation or a query in parentheses."""
    if not any(tree.args.get(part) for part in ("order", "limit", "offset")):
        return sql
    name = scope.statement.unique("q")
    scope.columns = [Column(column, Value(f"{name}.c{i}", kind)) for i, (column, kind) in enumerate(columns)]
    order = order_by(tree, [Item(c.name, c.value, tree) for c in scope.columns], scope)
    return f"SELECT * FROM ({sql}) {name}({numbered(len(columns))}){order}{limits(tree, scope)}"


def _select(tree: exp.Select, scope: Scope) -> Relation:
    for part, value in tree.args.items():
        if value and part not in _PARTS:
            raise absent(f"'{part.strip('_').upper()}'", tree)
    origin = sources.origin(tree, scope)
    scope.windows = {each.name.lower(): each for each in tree.args.get("windows") or []}
    where = _condition(tree, "where", "WHERE clause", scope)
    scope.free.clear()
    group, keys = group_by(tree, scope)
    scope.keys = set(keys)
    items = items_of(tree, scope)
    having = _condition(tree, "having", "HAVING clause", scope)
    if having and scope.free:
        raise not_grouped(tree.args["having"].this)
    check_grouping(scope, grouped=bool(group or scope.aggregates or having))
    scope.outputs = [Column(item.name, Value(f"o{i}", item.value.type)) for i, item in enumerate(items)]
    order = order_by(tree, items, scope)
    chosen = ", ".join(f"{item.value.sql} AS o{i}" for i, item in enumerate(items))
    distinct = _distinct(tree)
    sql = f"SELECT {distinct}{chosen}{origin}{where}{group}{having}{order}{limits(tree, scope)}"
    return Relation(sql, [(item.name, item.value.type) for item in items])


def _distinct(tree: exp.Select) -> str:
    distinct = tree.args.get("distinct")
    if distinct is not None and distinct.args.get("on"):
        raise RefusalError("SYNTAX_ERROR", "mismatched input 'ON'", tree)
    return "DISTINCT " if distinct else ""


def _condition(tree: exp.Select, part: str, clause: str, scope: Scope) -> str:
    node = tree.args.get(part)
    if node is None:
        return ""
    scope.clause = clause if part == "where" else ""
    mark = len(scope.free)
    value = boolean(node.this, scope, clause)
    if part == "where":
        del scope.free[mark:]
    scope.clause = ""
    return f" {part.upper()} {value.sql}"
