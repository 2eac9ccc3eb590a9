"""ORDER BY, OFFSET and LIMIT of a query."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino.dispatch import translate
from nrti_local.athena.trino.grouping import not_grouped
from nrti_local.athena.trino.items import Item
from nrti_local.athena.trino.ordering import sort_item
from nrti_local.athena.trino.refusals import RefusalError, absent, mismatch
from nrti_local.athena.trino.scope import Scope, Value
from nrti_local.athena.trino.types import Type


def order_by(tree: exp.Expr, items: list[Item], scope: Scope) -> str:
    """Translates ORDER BY; an empty text if there is none."""
    order = tree.args.get("order")
    if order is None:
        return ""
    distinct = isinstance(tree, exp.Select) and tree.args.get("distinct")
    written = []
    for each in order.expressions:
        sql = _order_key(each.this, items, scope)
        if distinct and sql not in {item.value.sql for item in items} and not sql.isdigit():
            text = "For SELECT DISTINCT, ORDER BY expressions must appear in select list"
            raise RefusalError("EXPRESSION_NOT_IN_DISTINCT", text, each)
        written.append(sort_item(each, sql))
    return f" ORDER BY {', '.join(written)}"


def _order_key(node: exp.Expr, items: list[Item], scope: Scope) -> str:
    """Returns an expression of ORDER BY: a number or a name of the result's columns, or any other."""
    if isinstance(node, exp.Literal) and not node.is_string:
        if not 0 < int(node.name) <= len(items):
            raise RefusalError(
                "INVALID_COLUMN_REFERENCE", f"ORDER BY position {node.name} is not in select list", node
            )
        return node.name
    if isinstance(node, exp.Column) and not node.table:
        named = [i for i, item in enumerate(items, 1) if item.name.lower() == node.name.lower()]
        if len({items[i - 1].value.sql for i in named}) > 1:
            raise RefusalError("AMBIGUOUS_NAME", f"'{node.name}' in ORDER BY is ambiguous", node)
        if named:
            return str(named[0])
    mark = len(scope.free)
    value = translate(node, scope)
    if (scope.grouped or scope.aggregates) and len(scope.free) > mark:
        raise not_grouped(node)
    return value.sql


def limits(tree: exp.Expr, scope: Scope) -> str:
    """Translates LIMIT and OFFSET; an empty text if there are none."""
    written = ""
    for part in ("limit", "offset"):
        node = tree.args.get(part)
        if node is None:
            continue
        if isinstance(node, exp.Fetch):
            if (
                node.args.get("limit_options") and node.args["limit_options"].args.get("with_ties")
            ) or node.args.get("percent"):
                raise absent("FETCH FIRST … WITH TIES", node)
            count = node.args.get("count")
        else:
            count = node.expression
        if isinstance(count, exp.Column | exp.Var) and count.name.lower() == "all":
            continue
        value = translate(count, scope) if count else Value("1", Type("bigint"))
        if not value.sql.isdigit():
            raise mismatch(f"Non constant parameter value for {part.upper()}", node)
        written += f" {part.upper()} {value.sql}"
    return written
