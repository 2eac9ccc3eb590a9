"""The columns of a SELECT's result."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from nrti_local.athena.trino.dispatch import translate
from nrti_local.athena.trino.refusals import RefusalError
from nrti_local.athena.trino.scope import Scope, Value


@dataclass(frozen=True)
class Item:
    """A column of a SELECT's result; an empty name if it has none."""

    name: str
    value: Value
    node: exp.Expr


def items_of(tree: exp.Select, scope: Scope) -> list[Item]:
    """Translates the columns of a SELECT's result."""
    items: list[Item] = []
    for node in tree.expressions:
        if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and node.is_star):
            items += _star(node, scope)
            continue
        mark = len(scope.free)
        inner = node.this if isinstance(node, exp.Alias) else node
        value = translate(inner, scope)
        items.append(Item(_name(node, inner), value, inner))
        if len(scope.free) > mark:
            scope.first_free.append(inner)
    return items


def _name(node: exp.Expr, inner: exp.Expr) -> str:
    """Returns the column's name, or an empty text if it has none."""
    if isinstance(node, exp.Alias):
        return str(node.alias)
    if isinstance(inner, exp.Column):
        return str(inner.name)
    return str(inner.expression.name) if isinstance(inner, exp.Dot) else ""


def _star(node: exp.Expr, scope: Scope) -> list[Item]:
    star = node.this if isinstance(node, exp.Column) else node
    if any(star.args.get(part) for part in ("except_", "replace", "rename", "except", "ilike")):
        raise RefusalError("SYNTAX_ERROR", "mismatched input 'EXCLUDE'", node)
    table = node.table if isinstance(node, exp.Column) else ""
    columns = scope.visible(table, node)
    if not columns:
        raise RefusalError("COLUMN_NOT_FOUND", "SELECT * not allowed from relation that has no columns", node)
    if scope.keys or scope.grouped:
        for column in columns:
            if column.value.sql not in scope.keys:
                scope.free.append(exp.column(column.name))
                scope.first_free.append(exp.column(column.name))
    return [Item(column.name, column.value, node) for column in columns]
