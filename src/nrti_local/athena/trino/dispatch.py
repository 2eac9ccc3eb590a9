"""Translates an expression by the function for its kind; other modules register those functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from nrti_local.athena.trino.refusals import absent
from nrti_local.athena.trino.scope import Scope, Value

Handler = Callable[[Any, Scope], Value]
_HANDLERS: dict[type[exp.Expr], Handler] = {}


def handles(*kinds: type[exp.Expr]) -> Callable[[Handler], Handler]:
    """Registers a function for some kinds of expressions."""

    def register(handler: Handler) -> Handler:
        _HANDLERS.update(dict.fromkeys(kinds, handler))
        return handler

    return register


def translate(node: exp.Expr, scope: Scope) -> Value:
    """Returns DuckDB's text and the Trino type of an expression.

    Raises:
        RefusalError: Trino refuses it, or the embedded AWS does not have it.
    """
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise absent(f"'{node.sql(dialect='trino')}'", node)
    mark = len(scope.free)
    value = handler(node, scope)
    if value.sql in scope.keys:
        del scope.free[mark:]
    return value
