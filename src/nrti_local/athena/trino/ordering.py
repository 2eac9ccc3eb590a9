"""ORDER BY of aggregations, windows and queries."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino.dispatch import translate
from nrti_local.athena.trino.scope import Scope


def sort_items(order: exp.Order, scope: Scope) -> str:
    """Returns the expressions after ORDER BY."""
    return ", ".join(sort_item(each, translate(each.this, scope).sql) for each in order.expressions)


def sort_item(item: exp.Ordered, sql: str) -> str:
    """Returns one of them; NULL comes last, unless the statement says otherwise."""
    direction = " DESC" if item.args.get("desc") else ""
    return f"{sql}{direction} NULLS {'FIRST' if item.args.get('nulls_first') else 'LAST'}"
