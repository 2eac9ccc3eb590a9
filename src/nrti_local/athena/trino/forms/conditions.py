"""Functions of any type: COALESCE, NULLIF, TRY, GREATEST and so on."""

from __future__ import annotations

from nrti_local.athena.trino.arithmetic import arithmetic
from nrti_local.athena.trino.bound import Call
from nrti_local.athena.trino.comparisons import compare
from nrti_local.athena.trino.forms.base import arguments, form, literal
from nrti_local.athena.trino.macros import quiet
from nrti_local.athena.trino.operators import concatenate, unify
from nrti_local.athena.trino.refusals import RefusalError
from nrti_local.athena.trino.scope import Value
from nrti_local.athena.trino.types import Type


@form
def coalesce(call: Call, _result: Type) -> Value:
    """The first argument that is not NULL."""
    if len(call.arguments) < 2:
        raise RefusalError(
            "INVALID_FUNCTION_ARGUMENT",
            "The 'coalesce' function must have at least two arguments",
            call.node,
        )
    values = unify(arguments(call), "COALESCE operands", call.node)
    return Value(f"COALESCE({', '.join(each.sql for each in values)})", values[0].type)


@form
def nullif(call: Call, _result: Type) -> Value:
    """NULL if both arguments are equal."""
    first, second = arguments(call)
    if first.type.name == "unknown":
        return first
    equal = compare(first, "=", second, call.node).sql
    return Value(f"CASE WHEN {equal} THEN NULL ELSE {first.sql} END", first.type)


@form
def attempt(call: Call, _result: Type) -> Value:
    """NULL if the argument fails."""
    value = arguments(call)[0]
    return Value(f"TRY({quiet(value.sql)})", value.type)


@form
def extreme(call: Call, _result: Type) -> Value:
    """Greatest and least: NULL if any argument is NULL."""
    values = unify(arguments(call), f"{call.name.upper()} arguments", call.node)
    texts = [each.sql for each in values]
    test = " OR ".join(f"{text} IS NULL" for text in texts)
    return Value(
        f"CASE WHEN {test} THEN NULL ELSE {call.name.upper()}({', '.join(texts)}) END", values[0].type
    )


@form
def concat(call: Call, _result: Type) -> Value:
    """Strings or arrays, one after the other."""
    if len(call.arguments) < 2:
        raise RefusalError(
            "INVALID_FUNCTION_ARGUMENT", "There must be two or more concatenation arguments", call.node
        )
    return concatenate(arguments(call), call.node)


@form
def type_of(call: Call, result: Type) -> Value:
    """The name of the argument's type."""
    return Value(literal(str(arguments(call)[0].type)), result)


@form
def decimal_mod(call: Call, _result: Type) -> Value:
    """The remainder of decimals, as the operator has it."""
    first, second = arguments(call)
    return arithmetic(first, "%", second, call.node)
