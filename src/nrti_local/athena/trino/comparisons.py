# ruff: noqa: S608 (SQL is what this module writes, from expressions that were translated before)
"""Comparisons, BETWEEN, IN and LIKE."""

from __future__ import annotations

import re

from sqlglot import exp

from nrti_local.athena.trino.casts import convert
from nrti_local.athena.trino.dispatch import handles, translate
from nrti_local.athena.trino.nested import equal, is_orderable, ordered
from nrti_local.athena.trino.operators import unify
from nrti_local.athena.trino.refusals import RefusalError, mismatch
from nrti_local.athena.trino.scope import Scope, Value
from nrti_local.athena.trino.types import BOOLEAN, common

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
#: The operators in Trino's errors: it has only these three for all comparisons.
_NAMES = {"<>": "=", ">": "<", ">=": "<="}


@handles(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
def _comparison(node: exp.Binary, scope: Scope) -> Value:
    sign = _COMPARISONS[type(node)]
    if isinstance(node.expression, exp.Any | exp.All):
        return _quantified(node, sign, scope)
    left, right = translate(node.this, scope), translate(node.expression, scope)
    return compare(left, sign, right, node)


def compare(left: Value, sign: str, right: Value, node: exp.Expr) -> Value:
    """Returns a comparison.

    Raises:
        RefusalError: Trino cannot compare the two types.
    """
    kind = common(left.type, right.type)
    name = _NAMES.get(sign, sign)
    if kind is None or (name != "=" and not is_orderable(kind)):
        raise mismatch(f"Cannot apply operator: {left.type} {name} {right.type}", node)
    left, right = convert(left, kind), convert(right, kind)
    if kind.inner and name == "=":
        sql = equal(left.sql, right.sql, kind)
        return Value(f"(NOT {sql})" if sign == "<>" else f"({sql})", BOOLEAN)
    if kind.inner:
        return Value(ordered(left.sql, sign, right.sql, kind), BOOLEAN)
    sql = f"({left.sql} {sign} {right.sql})"
    return Value(_without_nan(sql, left, sign, right) if kind.is_float else sql, BOOLEAN)


def _without_nan(sql: str, left: Value, sign: str, right: Value) -> str:
    """NaN compares to nothing in Trino; in DuckDB it equals itself and is greater than all others."""
    if sign in ("=", "<>"):
        if _is_constant(left) or _is_constant(right):
            return sql
        same = equal(left.sql, right.sql, left.type)
        return same if sign == "=" else f"(NOT {same})"
    greater, lesser = (left, right) if sign in (">", ">=") else (right, left)
    if _is_constant(greater):
        return sql
    known = "" if _is_constant(lesser) else f" AND {lesser.sql} IS NOT NULL"
    return f"({sql} AND NOT (ISNAN({greater.sql}){known}))"


def _is_constant(value: Value) -> bool:
    return value.sql.startswith("CAST(") and value.sql[5:6].isdigit()


def _quantified(node: exp.Binary, sign: str, scope: Scope) -> Value:
    from nrti_local.athena.trino.queries import values_of

    left, kind = translate(node.this, scope), "ANY" if isinstance(node.expression, exp.Any) else "ALL"
    relation = values_of(node.expression.this, scope)
    compare(left, sign, Value("x", relation.columns[0][1]), node)
    return Value(f"({left.sql} {sign} {kind} ({relation.sql}))", BOOLEAN)


@handles(exp.NullSafeEQ, exp.NullSafeNEQ)
def _distinct(node: exp.Binary, scope: Scope) -> Value:
    left, right = translate(node.this, scope), translate(node.expression, scope)
    kind = common(left.type, right.type)
    if kind is None:
        raise mismatch(f"Cannot apply operator: {left.type} IS DISTINCT FROM {right.type}", node)
    sign = "IS NOT DISTINCT FROM" if isinstance(node, exp.NullSafeEQ) else "IS DISTINCT FROM"
    return Value(f"({convert(left, kind).sql} {sign} {convert(right, kind).sql})", BOOLEAN)


@handles(exp.Is)
def _is(node: exp.Is, scope: Scope) -> Value:
    if not isinstance(node.expression, exp.Null):
        raise RefusalError(
            "SYNTAX_ERROR", f"mismatched input '{node.expression.sql()}'. Expecting: 'NULL'", node
        )
    return Value(f"({translate(node.this, scope).sql} IS NULL)", BOOLEAN)


@handles(exp.Between)
def _between(node: exp.Between, scope: Scope) -> Value:
    value, low, high = (translate(node.args[name], scope) for name in ("this", "low", "high"))
    kind = common(value.type, low.type)
    kind = kind and common(kind, high.type)
    if kind is None:
        raise mismatch(f"Cannot check if {value.type} is BETWEEN {low.type} and {high.type}", node)
    above = compare(value, ">=", low, node).sql
    return Value(f"({above} AND {compare(value, '<=', high, node).sql})", BOOLEAN)


@handles(exp.In)
def _in(node: exp.In, scope: Scope) -> Value:
    value = translate(node.this, scope)
    if inner := _query_of(node):
        from nrti_local.athena.trino.queries import values_of

        relation = values_of(inner, scope)
        kind = common(value.type, relation.columns[0][1])
        if kind is None:
            raise mismatch(
                "Value expression and result of subquery must be of the same type: "
                f"{value.type} vs {relation.columns[0][1]}",
                node,
            )
        name = scope.statement.unique("q")
        item = convert(Value(f"{name}.c", relation.columns[0][1]), kind).sql
        return Value(
            f"({convert(value, kind).sql} IN (SELECT {item} FROM ({relation.sql}) {name}(c)))", BOOLEAN
        )
    items = [translate(each, scope) for each in node.expressions]
    value, *items = unify([value, *items], "IN value and list items", node)
    if value.type.inner or (value.type.is_float and not all(map(_is_constant, items))):
        tests = " OR ".join(compare(value, "=", item, node).sql for item in items)
        return Value(f"({tests})", BOOLEAN)
    return Value(f"({value.sql} IN ({', '.join(item.sql for item in items)}))", BOOLEAN)


def _query_of(node: exp.In) -> exp.Expr | None:
    only = node.expressions[0] if len(node.expressions) == 1 else None
    return node.args.get("query") or (only if isinstance(only, exp.Values) else None)


@handles(exp.Like, exp.Escape)
def _like(node: exp.Like | exp.Escape, scope: Scope) -> Value:
    like = node.this if isinstance(node, exp.Escape) else node
    value, pattern = translate(like.this, scope), translate(like.expression, scope)
    for side, each in (("Left side of LIKE expression", value), ("Pattern for LIKE expression", pattern)):
        if not each.type.is_text and each.type.name != "unknown":
            raise mismatch(f"{side} must evaluate to a varchar (actual: {each.type})", node)
    if isinstance(node, exp.Escape) and (wrong := _wrong_escape(node.expression, like.expression)):
        return Value(f"CAST(trino_invalid('{wrong}') AS BOOLEAN)", BOOLEAN)
    escape = f" ESCAPE {translate(node.expression, scope).sql}" if isinstance(node, exp.Escape) else ""
    negation = "NOT " if like.args.get("negate") else ""
    return Value(f"({value.sql} {negation}LIKE {pattern.sql}{escape})", BOOLEAN)


def _wrong_escape(escape: exp.Expr, pattern: exp.Expr) -> str:
    """Returns what is wrong with an escape character, as the text in a literal; only literals are checked."""
    if not isinstance(escape, exp.Literal):
        return ""
    sign = escape.name
    if len(sign) != 1:
        return "Escape string must be a single character"
    followers = re.findall(f"{re.escape(sign)}(.?)", pattern.name if pattern.is_string else "", re.DOTALL)
    if all(each and each in ("%", "_", sign) for each in followers):
        return ""
    return "Escape character must be followed by ''%'', ''_'' or the escape character itself"
