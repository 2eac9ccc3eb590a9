"""The names of a relation's columns, in DuckDB and in the statement."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino.refusals import RefusalError
from nrti_local.athena.trino.scope import Column, Relation, Scope, Value
from nrti_local.athena.trino.types import Type


def numbered(count: int) -> str:
    """Returns `c0, c1, …`, DuckDB's names of a relation's columns."""
    return ", ".join(f"c{index}" for index in range(count))


def named(relation: Relation, node: exp.Expr, scope: Scope, default: str = "") -> str:
    """Adds a relation's columns to the scope under its alias; returns DuckDB's text."""
    own = scope.statement.unique("s")
    scope.columns += aliased(relation, node, own, default)
    return f"({relation.sql}) AS {own}({numbered(len(relation.columns))})"


def aliased(relation: Relation, node: exp.Expr, own: str, default: str = "", first: int = 0) -> list[Column]:
    """Returns a relation's columns under its alias.

    Args:
        relation: the relation.
        node: what has the alias, which may name the columns too.
        own: DuckDB's name of the relation.
        default: the name without an alias.
        first: the number of the first column in DuckDB.

    Raises:
        RefusalError: the alias has another number of columns.
    """
    alias = node.args.get("alias")
    name = alias.name if alias and alias.this else default
    names = [each.name for each in alias.columns] if alias else []
    shown = len(relation.columns) - relation.hidden
    if names and len(names) != shown:
        text = f"Column alias list has {len(names)} entries but '{name}' has {shown} columns available"
        raise RefusalError("MISMATCHED_COLUMN_ALIASES", text, node)
    known: list[tuple[str, Type]] = [
        (names[index] if names and index < shown else column, kind)
        for index, (column, kind) in enumerate(relation.columns)
    ]
    return [
        Column(column, Value(f"{own}.c{first + index}", kind), name, hidden=index >= shown)
        for index, (column, kind) in enumerate(known)
    ]
