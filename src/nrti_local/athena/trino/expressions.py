"""Expressions that are neither operators nor calls: literals, columns, CASE, CAST, subscripts and so on."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino.bound import Extras
from nrti_local.athena.trino.calls import call
from nrti_local.athena.trino.casts import convert
from nrti_local.athena.trino.dispatch import handles, translate
from nrti_local.athena.trino.forms.base import literal
from nrti_local.athena.trino.forms.collections import row_of
from nrti_local.athena.trino.forms.zones import checked_zone
from nrti_local.athena.trino.operators import unify
from nrti_local.athena.trino.refusals import RefusalError, absent, mismatch
from nrti_local.athena.trino.scope import Scope, Value, dotted
from nrti_local.athena.trino.types import BOOLEAN, DATE, INTEGERS, UNKNOWN, Type, array, common


@handles(exp.Column)
def _column(node: exp.Column, scope: Scope) -> Value:
    parts = [part.name.lower() for part in node.parts]
    variable = scope.variable(parts[0])
    if variable is not None:
        return _fields(variable, parts[1:], node)
    found = scope.column(node) if len(parts) <= 2 else scope.column(exp.column(parts[-1], parts[-2]))
    if found is not None:
        return found
    for count in (2, 1):
        if len(parts) > count:
            base = scope.column(exp.column(*reversed(parts[:count])))
            if base is not None and base.type.name == "row":
                return _fields(base, parts[count:], node)
    raise RefusalError("COLUMN_NOT_FOUND", f"Column '{dotted(node)}' cannot be resolved", node)


@handles(exp.Identifier)
def _variable(node: exp.Identifier, scope: Scope) -> Value:
    """A variable in the body of a lambda expression."""
    found = scope.variable(node.name.lower())
    if found is None:
        raise RefusalError("COLUMN_NOT_FOUND", f"Column '{node.name}' cannot be resolved", node)
    return found


def _fields(value: Value, names: list[str], node: exp.Expr) -> Value:
    for name in names:
        fields = [each.lower() for each in value.type.fields]
        if name not in fields:
            raise RefusalError("COLUMN_NOT_FOUND", f"Column '{node.sql('trino')}' cannot be resolved", node)
        index = fields.index(name)
        member = value.type.field_names[index]
        value = Value(f"STRUCT_EXTRACT({value.sql}, {literal(member)})", value.type.inner[index])
    return value


@handles(exp.Dot)
def _dot(node: exp.Dot, scope: Scope) -> Value:
    base = translate(node.this, scope)
    if base.type.name != "row":
        raise mismatch(f"Expression {node.this.sql('trino')} is not of type ROW", node)
    return _fields(base, [node.expression.name.lower()], node)


@handles(exp.Array)
def _array(node: exp.Array, scope: Scope) -> Value:
    values = [translate(each, scope) for each in node.expressions]
    if not values:
        return Value("CAST([] AS INTEGER[])", array(UNKNOWN))
    values = unify(values, "ARRAY elements", node)
    return Value(f"[{', '.join(each.sql for each in values)}]", array(values[0].type))


@handles(exp.Tuple)
def _tuple(node: exp.Tuple, scope: Scope) -> Value:
    return row_of([translate(each, scope) for each in node.expressions])


@handles(exp.Bracket)
def _subscript(node: exp.Bracket, scope: Scope) -> Value:
    base, index = translate(node.this, scope), translate(node.expressions[0], scope)
    kind = base.type
    if kind.name == "array":
        if index.type.name not in INTEGERS:
            raise mismatch(f"Cannot use {index.type} for subscript of {kind}", node)
        return Value(f"trino_element({base.sql}, {index.sql})", kind.inner[0])
    if kind.name == "map":
        if common(index.type, kind.inner[0]) != kind.inner[0]:
            raise mismatch(f"Cannot use {index.type} for subscript of {kind}", node)
        return Value(f"trino_value({base.sql}, {convert(index, kind.inner[0]).sql})", kind.inner[1])
    if kind.name == "row" and index.sql.isdigit() and 1 <= int(index.sql) <= len(kind.inner):
        name = kind.field_names[int(index.sql) - 1]
        return Value(f"STRUCT_EXTRACT({base.sql}, {literal(name)})", kind.inner[int(index.sql) - 1])
    raise mismatch(f"Cannot use {index.type} for subscript of {kind}", node)


@handles(exp.AtTimeZone)
def _at_time_zone(node: exp.AtTimeZone, scope: Scope) -> Value:
    zone = node.args["zone"]
    if not isinstance(zone, exp.Literal):
        raise absent("A time zone that is no literal", node)
    value = translate(node.this, scope)
    if value.type.name not in ("timestamp", "timestamp with time zone"):
        raise mismatch(
            f"Type of value must be a time or timestamp with or without time zone (actual {value.type})", node
        )
    moment = convert(value, Type("timestamp with time zone", value.type.numbers))
    return Value(moment.sql, moment.type.at(checked_zone(zone.name, node)))


#: The function for each field of EXTRACT.
_FIELDS = {
    name: name
    for name in (
        "year", "quarter", "month", "week", "day", "day_of_month", "day_of_week", "dow", "day_of_year", "doy",
        "year_of_week", "yow", "hour", "minute", "second", "timezone_hour", "timezone_minute",
    )
}  # fmt: skip


@handles(exp.Extract)
def _extract(node: exp.Extract, scope: Scope) -> Value:
    name = _FIELDS.get(node.name.lower())
    if name is None:
        raise RefusalError("INVALID_FUNCTION_ARGUMENT", f"Invalid EXTRACT field: {node.name.upper()}", node)
    return _named(name, [node.expression], node, scope)


@handles(exp.Substring)
def _substring(node: exp.Substring, scope: Scope) -> Value:
    return _named("substring", [node.args.get(name) for name in ("this", "start", "length")], node, scope)


@handles(exp.StrPosition)
def _position(node: exp.StrPosition, scope: Scope) -> Value:
    return _named("strpos", [node.this, node.args["substr"]], node, scope)


@handles(exp.Trim)
def _trim(node: exp.Trim, scope: Scope) -> Value:
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or "").upper(), "trim")
    return _named(name, [node.this, node.expression], node, scope)


@handles(exp.CurrentDate)
def _current_date(_node: exp.Expr, _scope: Scope) -> Value:
    return Value("CAST(CAST(NOW() AS TIMESTAMP) AS DATE)", DATE)


@handles(exp.CurrentTimestamp)
def _current_timestamp(node: exp.Expr, scope: Scope) -> Value:
    return _named("current_timestamp", [], node, scope)


@handles(exp.Localtimestamp)
def _localtimestamp(node: exp.Expr, scope: Scope) -> Value:
    return _named("localtimestamp", [], node, scope)


@handles(exp.Localtime)
def _localtime(_node: exp.Expr, _scope: Scope) -> Value:
    return Value("CAST(CAST(NOW() AS TIMESTAMP) AS TIME)", Type("time", (3,)))


def _named(name: str, arguments: list[exp.Expr | None], node: exp.Expr, scope: Scope) -> Value:
    """Translates a call in special syntax as the function of that name."""
    made = exp.Anonymous(this=name, expressions=[each for each in arguments if each is not None])
    made.meta.update(node.meta)
    return call(made, scope, Extras())


@handles(exp.Subquery, exp.Select, exp.Union, exp.Intersect, exp.Except)
def _scalar_subquery(node: exp.Expr, scope: Scope) -> Value:
    from nrti_local.athena.trino.queries import values_of

    relation = values_of(node, scope)
    return Value(f"({relation.sql})", relation.columns[0][1])


@handles(exp.Exists)
def _exists(node: exp.Exists, scope: Scope) -> Value:
    from nrti_local.athena.trino.queries import query

    return Value(f"(EXISTS ({query(node.this.unnest(), scope).sql}))", BOOLEAN)


@handles(exp.Parameter, exp.Placeholder)
def _parameter(node: exp.Expr, _scope: Scope) -> Value:
    raise RefusalError(
        "INVALID_PARAMETER_USAGE", "Incorrect number of parameters: expected 1 but found 0", node
    )
