"""The clauses of aggregations: FILTER, OVER, ORDER BY, IGNORE NULLS."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino.bound import Extras
from nrti_local.athena.trino.calls import call
from nrti_local.athena.trino.dispatch import handles, translate
from nrti_local.athena.trino.operators import boolean
from nrti_local.athena.trino.ordering import sort_items
from nrti_local.athena.trino.refusals import RefusalError, absent
from nrti_local.athena.trino.scope import Scope, Value


@handles(exp.Filter)
def _filter(node: exp.Filter, scope: Scope) -> Value:
    return _modified(node, scope, Extras(mark=len(scope.free)))


@handles(exp.Window)
def _window(node: exp.Window, scope: Scope) -> Value:
    return _modified(node, scope, Extras(mark=len(scope.free)))


@handles(exp.IgnoreNulls, exp.RespectNulls)
def _nulls(node: exp.Expr, scope: Scope) -> Value:
    return _modified(node, scope, Extras(mark=len(scope.free)))


def _modified(node: exp.Expr, scope: Scope, extras: Extras) -> Value:
    """Translates a call with FILTER, OVER, IGNORE NULLS or WITHIN GROUP around it."""
    if isinstance(node, exp.Anonymous):
        return call(node, scope, extras)
    if isinstance(node, exp.Filter):
        condition = boolean(node.expression.this, scope, "FILTER clause").sql
        extras.filter = f" FILTER (WHERE {condition})"
    elif isinstance(node, exp.Window):
        extras.over = f" OVER ({_over(node, scope)})"
    elif isinstance(node, exp.IgnoreNulls):
        extras.nulls = " IGNORE NULLS"
    elif not isinstance(node, exp.RespectNulls):
        raise absent(f"'{node.sql('trino')}'", node)
    return _modified(node.this, scope, extras)


def _over(node: exp.Window, scope: Scope) -> str:
    if name := node.args.get("alias"):
        named = scope.windows.get(name.name.lower())
        if named is None:
            raise RefusalError("INVALID_WINDOW_REFERENCE", f"Cannot resolve WINDOW name {name.name}", node)
        return _over(named, scope)
    parts = []
    if partition := node.args.get("partition_by"):
        parts.append("PARTITION BY " + ", ".join(translate(each, scope).sql for each in partition))
    if order := node.args.get("order"):
        parts.append("ORDER BY " + sort_items(order, scope))
    if frame := node.args.get("spec"):
        parts.append(_frame(frame, scope))
    return " ".join(parts)


def _frame(frame: exp.WindowSpec, scope: Scope) -> str:
    bounds = []
    for name in ("start", "end"):
        bound, side = frame.args.get(name), frame.args.get(f"{name}_side") or ""
        sql = translate(bound, scope).sql if isinstance(bound, exp.Expr) else str(bound or "CURRENT ROW")
        bounds.append(f"{sql} {side}".strip())
    return f"{frame.args['kind']} BETWEEN {bounds[0]} AND {bounds[1]}"


@handles(exp.GroupConcat, exp.WithinGroup)
def _listagg(node: exp.Expr, scope: Scope) -> Value:
    order = node.expression if isinstance(node, exp.WithinGroup) else None
    inner = node.this if isinstance(node, exp.WithinGroup) else node
    value, separator = inner.this, inner.args.get("separator") or exp.Literal.string("")
    if isinstance(value, exp.Order):
        order, value = value, value.this
    if not isinstance(order, exp.Order):
        raise RefusalError("SYNTAX_ERROR", "mismatched input. Expecting: 'WITHIN'", node)
    if not isinstance(separator, exp.Literal):
        raise absent("A separator that is no literal", node)
    mark = len(scope.free)
    order.set("this", None)
    extras = Extras(order=f" ORDER BY {sort_items(order, scope)}", mark=mark)
    return call(exp.Anonymous(this="listagg", expressions=[value, separator]), scope, extras)
