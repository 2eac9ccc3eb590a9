"""Calls of functions: finds the row of the table for the types of the arguments, and writes DuckDB's text."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino import forms, functions
from nrti_local.athena.trino.bound import Call, Extras
from nrti_local.athena.trino.casts import convert
from nrti_local.athena.trino.dispatch import handles, translate
from nrti_local.athena.trino.functions import Function
from nrti_local.athena.trino.ordering import sort_items
from nrti_local.athena.trino.refusals import RefusalError, absent
from nrti_local.athena.trino.scope import Scope, Value
from nrti_local.athena.trino.signatures import Found, Signature, binds, substitute
from nrti_local.athena.trino.templates import fill
from nrti_local.athena.trino.types import Type


@handles(exp.Anonymous)
def _call(node: exp.Anonymous, scope: Scope) -> Value:
    return call(node, scope, Extras())


def call(node: exp.Anonymous, scope: Scope, extras: Extras) -> Value:
    """Returns the translation of a call.

    Raises:
        RefusalError: Trino has no such function for these arguments, or the embedded AWS has it not.
    """
    name = node.name.lower()
    rows = functions.named(name)
    if not rows:
        raise _unknown(name, node)
    _check_extras(rows[0], name, node, scope, extras)
    mark = len(scope.free) if extras.mark is None else extras.mark
    nodes = _arguments(node, scope, extras)
    aggregates = rows[0].is_aggregate and not extras.over
    before, scope.aggregates = scope.aggregates, scope.aggregates and not aggregates
    made = Call(node, name, scope, nodes, extras)
    made.arguments = [None if isinstance(each, exp.Lambda) else translate(each, scope) for each in nodes]
    row = _bind(made, rows)
    value = _write(made, row)
    if aggregates:
        if scope.aggregates:
            raise RefusalError(
                "NESTED_AGGREGATION", f"Cannot nest aggregations inside aggregation '{name}'", node
            )
        del scope.free[mark:]
    scope.aggregates = before or aggregates or scope.aggregates
    return value


def _unknown(name: str, node: exp.Expr) -> RefusalError:
    if functions.is_missing(name):
        return absent(f"Function '{name}'", node)
    return RefusalError("FUNCTION_NOT_FOUND", f"Function '{name}' not registered", node)


def _check_extras(row: Function, name: str, node: exp.Expr, scope: Scope, extras: Extras) -> None:
    if row.needs_window and not extras.over:
        raise RefusalError("MISSING_OVER", f"Window function {name} requires an OVER clause", node)
    if extras.over and not row.is_aggregate:
        raise RefusalError("FUNCTION_NOT_WINDOW", f"Not a window function: {name}", node)
    if row.is_aggregate and not extras.over and scope.clause:
        raise RefusalError(
            "EXPRESSION_NOT_SCALAR",
            f"{scope.clause} cannot contain aggregations, window functions or grouping operations: "
            f"[{node.sql('trino')}]",
            node,
        )


def _arguments(node: exp.Anonymous, scope: Scope, extras: Extras) -> list[exp.Expr]:
    """Returns the arguments, and takes DISTINCT and ORDER BY off them into `extras`."""
    nodes = list(node.expressions)
    if any(isinstance(each, exp.Star) for each in nodes):
        if node.name.lower() != "count" or len(nodes) > 1:
            raise RefusalError("SYNTAX_ERROR", "mismatched input '*'", node)
        return []
    if nodes and isinstance(nodes[-1], exp.Order):
        order = nodes.pop()
        nodes += [order.this] if order.this else []
        extras.order = f" ORDER BY {sort_items(order, scope)}"
    if nodes and isinstance(nodes[0], exp.Distinct):
        extras.distinct = "DISTINCT "
        nodes = [*nodes[0].expressions, *nodes[1:]]
        if nodes and isinstance(nodes[-1], exp.Order):
            order = nodes.pop()
            nodes.append(order.this)
            extras.order = f" ORDER BY {sort_items(order, scope)}"
    return nodes


def _bind(made: Call, rows: tuple[Function, ...]) -> Function:
    """Returns the row for the arguments: one that fits exactly, or the first that fits by conversions."""
    for exactly in (True, False):
        for row in rows:
            parameters = _fitting(made, row.signature, exactly=exactly)
            if parameters is not None:
                _bind_lambdas(made, parameters)
                return row
    missing = functions.missing_signatures(made.name)
    if any(_fitting(made, each, exactly=False) is not None for each in missing):
        raise absent(f"Function '{made.name}' with these parameters", made.node)
    types = ", ".join("<function>" if each is None else str(each.type) for each in made.arguments)
    raise RefusalError(
        "FUNCTION_NOT_FOUND", f"Unexpected parameters ({types}) for function {made.name}", made.node
    )


def _fitting(made: Call, signature: Signature, *, exactly: bool) -> tuple[Type, ...] | None:
    """The parameters of a signature, if the arguments fit them."""
    parameters = signature.takes(len(made.nodes))
    fit = parameters is not None and _fits(made, parameters, exactly=exactly)
    return parameters if fit else None


def _fits(made: Call, parameters: tuple[Type, ...], *, exactly: bool) -> bool:
    found: Found = {}
    for parameter, value in zip(parameters, made.arguments, strict=True):
        if (value is None) != (parameter.name == "function"):
            return False
        if value is not None and not binds(parameter, value.type, found, exactly=exactly):
            return False
    made.found = found
    return True


def _bind_lambdas(made: Call, parameters: tuple[Type, ...]) -> None:
    """Translates the lambda expressions, now that the types of their variables are known."""
    for index, (parameter, node) in enumerate(zip(parameters, made.nodes, strict=True)):
        if not isinstance(node, exp.Lambda):
            continue
        *taken, returned = parameter.inner
        if len(node.expressions) != len(taken):
            text = f"Expected a lambda that takes {len(taken)} argument(s) but got {len(node.expressions)}"
            raise RefusalError("INVALID_PARAMETER_USAGE", text, made.node)
        values = {}
        for number, (variable, kind) in enumerate(zip(node.expressions, taken, strict=True)):
            made.markers[index, number] = marker = f"§{made.scope.statement.unique('lambda')}§"
            values[variable.name.lower()] = Value(marker, substitute(kind, made.found))
        with made.scope.variables(values):
            body = translate(node.this, made.scope)
        if not binds(returned, body.type, made.found, exactly=False):
            wanted = substitute(returned, made.found)
            raise RefusalError(
                "TYPE_MISMATCH",
                f"Expected lambda to return {wanted} but got {body.type}",
                made.node,
            )
        made.bodies[index] = convert(body, substitute(returned, made.found))


def _write(made: Call, row: Function) -> Value:
    parameters = row.signature.takes(len(made.nodes)) or ()
    result = substitute(row.signature.result, made.found, made.zone)
    for index, parameter in enumerate(parameters):
        value = made.arguments[index]
        if value is not None:
            made.arguments[index] = convert(value, substitute(parameter, made.found, value.type.zone))
    if row.duckdb.startswith("@"):
        value = forms.FORMS[row.duckdb[1:]](made, result)
    else:
        value = Value(fill(made, row.duckdb, result), result)
    return _guarded(made, value) if row.guarded else value


def _guarded(made: Call, value: Value) -> Value:
    tests = [
        f"{argument.sql} IS NULL"
        for argument, node in zip(made.arguments, made.nodes, strict=True)
        if argument and not isinstance(node, exp.Literal)
    ]
    return (
        Value(f"CASE WHEN {' OR '.join(tests)} THEN NULL ELSE {value.sql} END", value.type)
        if tests
        else value
    )
