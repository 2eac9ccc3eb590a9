"""Helpers of the functions in this package."""

from __future__ import annotations

import re
from collections.abc import Callable

from nrti_local.athena.trino.bound import Call
from nrti_local.athena.trino.refusals import RefusalError, absent
from nrti_local.athena.trino.scope import Value
from nrti_local.athena.trino.types import Type

Form = Callable[[Call, Type], Value]
FORMS: dict[str, Form] = {}


def form(maker: Form) -> Form:
    """Adds a function to FORMS under its name."""
    FORMS[maker.__name__] = maker
    return maker


def literal(text: str) -> str:
    """Returns a text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def arguments(call: Call) -> list[Value]:
    """Returns the arguments, of which none is a lambda expression, or those that are none."""
    return [each for each in call.arguments if each is not None]


def invalid(text: str, call: Call) -> RefusalError:
    """Returns the refusal of an argument's value."""
    return RefusalError("INVALID_FUNCTION_ARGUMENT", text, call.node)


def constant(call: Call, index: int, what: str) -> str:
    """Returns the text of a string literal.

    Raises:
        RefusalError: the argument is another expression.
    """
    text = call.literal(index)
    if text is None:
        raise absent(f"{what} that is no literal", call.node)
    return text


def number_of(sql: str) -> str:
    """Returns the digits of an integer literal, or the text of any other expression."""
    found = re.fullmatch(r"(?:CAST\()?\(?(-?\d+)\)?(?: AS BIGINT\))?", sql)
    return found[1] if found else sql
