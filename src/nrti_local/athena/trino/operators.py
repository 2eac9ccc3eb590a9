"""Operators: arithmetic, comparison, logic and patterns, by the types of their operands."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino.casts import convert
from nrti_local.athena.trino.dispatch import handles, translate
from nrti_local.athena.trino.refusals import RefusalError, mismatch
from nrti_local.athena.trino.scope import Scope, Value
from nrti_local.athena.trino.types import BOOLEAN, VARCHAR, Type, array, common


def unify(values: list[Value], what: str, node: exp.Expr) -> list[Value]:
    """Returns values as their common type.

    Raises:
        RefusalError: they have none.
    """
    kind = values[0].type
    for value in values[1:]:
        both = common(kind, value.type)
        if both is None:
            types = ", ".join(dict.fromkeys(str(each.type) for each in values))
            raise mismatch(
                f"All {what} must be the same type or coercible to a common type. "
                f"Cannot find common type between {kind} and {value.type}, "
                f"all types (without duplicates): [{types}]",
                node,
            )
        kind = both
    return [convert(value, kind) for value in values]


def boolean(node: exp.Expr, scope: Scope, what: str) -> Value:
    """Returns a condition.

    Raises:
        RefusalError: it is not a boolean.
    """
    value = translate(node, scope)
    if value.type not in (BOOLEAN, Type("unknown")):
        raise mismatch(f"{what} must evaluate to a boolean: actual type {value.type}", node)
    return convert(value, BOOLEAN)


@handles(exp.And, exp.Or)
def _logic(node: exp.And | exp.Or, scope: Scope) -> Value:
    sign = " AND " if isinstance(node, exp.And) else " OR "
    terms = [boolean(each, scope, "Logical expression term").sql for each in node.flatten(unnest=False)]
    return Value(f"({sign.join(terms)})", BOOLEAN)


@handles(exp.Not)
def _not(node: exp.Not, scope: Scope) -> Value:
    return Value(f"(NOT {boolean(node.this, scope, 'Value of logical NOT expression').sql})", BOOLEAN)


@handles(exp.Paren)
def _paren(node: exp.Paren, scope: Scope) -> Value:
    value = translate(node.this, scope)
    return Value(f"({value.sql})", value.type)


@handles(exp.DPipe)
def _concatenation(node: exp.DPipe, scope: Scope) -> Value:
    parts = [translate(each, scope) for each in node.flatten(unnest=False)]
    return concatenate(parts, node)


def concatenate(parts: list[Value], node: exp.Expr) -> Value:
    """Returns the concatenation of strings, of arrays, or of arrays and elements.

    Raises:
        RefusalError: Trino cannot concatenate these types.
    """
    arrays = [each.type for each in parts if each.type.name == "array"]
    if arrays:
        lists = [
            each if each.type.name == "array" else Value(f"[{each.sql}]", array(each.type)) for each in parts
        ]
        lists = unify(lists, "ARRAY elements", node)
        sql = lists[0].sql
        for each in lists[1:]:
            sql = f"trino_concat({sql}, {each.sql})"
        return Value(sql, lists[0].type)
    if all(each.type.name == "varbinary" for each in parts):
        return Value(f"({' || '.join(each.sql for each in parts)})", parts[0].type)
    wrong = [each for each in parts if not each.type.is_text and each.type.name != "unknown"]
    if wrong:
        types = ", ".join(str(each.type) for each in parts)
        raise RefusalError("FUNCTION_NOT_FOUND", f"Unexpected parameters ({types}) for function concat", node)
    return Value(f"({' || '.join(convert(each, VARCHAR).sql for each in parts)})", VARCHAR)
