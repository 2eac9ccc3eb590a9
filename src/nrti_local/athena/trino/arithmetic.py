"""Arithmetic of numbers, moments and intervals."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino.casts import convert
from nrti_local.athena.trino.dispatch import handles, translate
from nrti_local.athena.trino.refusals import RefusalError, mismatch
from nrti_local.athena.trino.scope import Scope, Value
from nrti_local.athena.trino.types import (
    DAY_TIME,
    INTEGERS,
    WIDEST_DECIMAL,
    YEAR_MONTH,
    Type,
    as_decimal,
    common,
    decimal,
)
from nrti_local.athena.trino.zones import from_zone, in_zone

_SIGNS: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
_MOMENTS = ("date", "timestamp", "timestamp with time zone", "time")
_INTERVALS = (DAY_TIME, YEAR_MONTH)

#: The digits of a decimal that DuckDB keeps in 64 bits.
_IN_64_BITS = 18


@handles(exp.Neg)
def _negation(node: exp.Neg, scope: Scope) -> Value:
    value = translate(node.this, scope)
    if not value.type.is_number and value.type not in _INTERVALS:
        raise mismatch(f"Cannot negate {value.type}", node)
    sql = value.sql
    if value.type.name in INTEGERS and sql.isdigit():
        return Value(f"(-{sql})", value.type)
    return Value(f"(-({sql}))", value.type)


@handles(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
def _arithmetic(node: exp.Binary, scope: Scope) -> Value:
    left, right = translate(node.this, scope), translate(node.expression, scope)
    return arithmetic(left, _SIGNS[type(node)], right, node)


def arithmetic(left: Value, sign: str, right: Value, node: exp.Expr) -> Value:
    """Returns the sum, difference, product, quotient or remainder of two values.

    Raises:
        RefusalError: Trino has no such operator.
    """
    found: Value | None
    if left.type.is_number and right.type.is_number:
        found = _of_numbers(left, sign, right)
    elif "unknown" in (left.type.name, right.type.name):
        kind = common(left.type, right.type)
        found = Value(f"CAST(NULL AS {kind.duckdb})", kind) if kind else None
    else:
        found = _of_moments(left, sign, right, node)
    if found is None:
        raise mismatch(f"Cannot apply operator: {left.type} {sign} {right.type}", node)
    return found


def _of_numbers(left: Value, sign: str, right: Value) -> Value | None:
    kind = common(left.type, right.type)
    assert kind is not None  # noqa: S101 (numbers always have one)
    if kind.name == "decimal":
        return _of_decimals(left, sign, right)
    left, right = convert(left, kind), convert(right, kind)
    if kind.name in INTEGERS and sign in "/%":
        sql = f"({left.sql} {'//' if sign == '/' else '%'} {right.sql})"
        return Value(f"CAST({sql} AS {kind.duckdb})", kind)
    return Value(f"({left.sql} {sign} {right.sql})", kind)


def _of_decimals(left: Value, sign: str, right: Value) -> Value:
    left, right = convert(left, as_decimal(left.type)), convert(right, as_decimal(right.type))
    (p1, s1), (p2, s2) = left.type.numbers, right.type.numbers
    scale = s1 + s2 if sign == "*" else max(s1, s2)
    precision = {
        "*": p1 + p2,
        "/": p1 + s2 + max(0, s2 - s1),
        "%": min(p2 - s2, p1 - s1) + max(s1, s2),
    }.get(sign, max(p1 - s1, p2 - s2) + scale + 1)
    kind = decimal(min(WIDEST_DECIMAL, precision), scale)
    if sign == "/":
        sql = f"trino_decimal_quotient({left.sql}, {right.sql}, {scale - s1 + s2}, {scale})"
    elif sign == "%":
        sql = f"trino_decimal_remainder({left.sql}, {right.sql}, {scale - s1}, {scale - s2}, {scale})"
    else:
        # DuckDB multiplies in 64 bits if both factors have them.
        wide = sign == "*" and precision > _IN_64_BITS
        factor = f"CAST({left.sql} AS DECIMAL({WIDEST_DECIMAL}, {s1}))" if wide else left.sql
        sql = f"({factor} {sign} {right.sql})"
    return Value(f"CAST({sql} AS {kind.duckdb})", kind)


def _of_moments(left: Value, sign: str, right: Value, node: exp.Expr) -> Value | None:  # noqa: PLR0911 (one for each kind of type)
    """Moments and intervals: `date + interval`, `timestamp - timestamp`, `interval * 2` and so on."""
    one, other = left.type, right.type
    if one in _INTERVALS and other == one and sign in "+-":
        return Value(f"({left.sql} {sign} {right.sql})", one)
    if one.name in _MOMENTS and other in _INTERVALS and sign in "+-":
        return _shifted(left, sign, right, node)
    if one in _INTERVALS and other.name in _MOMENTS and sign == "+":
        return _shifted(right, sign, left, node)
    if sign == "-" and one.name in _MOMENTS and other.name in _MOMENTS:
        return _difference(left, right)
    if one in _INTERVALS and other.is_number and sign in "*/":
        return _scaled(left, sign, right)
    if one.is_number and other in _INTERVALS and sign == "*":
        return _scaled(right, sign, left)
    return None


def _shifted(moment: Value, sign: str, interval: Value, node: exp.Expr) -> Value | None:
    kind = moment.type
    if kind.name == "date":
        if interval.type == DAY_TIME and "INTERVAL '" in interval.sql and "DAYS" not in interval.sql:
            raise RefusalError(
                "INVALID_FUNCTION_ARGUMENT", "Cannot add hour, minutes or seconds to a date", node
            )
        return Value(f"CAST({moment.sql} {sign} {interval.sql} AS DATE)", kind)
    if kind.name == "time":
        return Value(f"({moment.sql} {sign} {interval.sql})", kind) if interval.type == DAY_TIME else None
    if kind.name == "timestamp with time zone" and interval.type == YEAR_MONTH:
        if kind.zone is None:
            return None
        shifted = f"{in_zone(moment.sql, kind.zone)} {sign} {interval.sql}"
        return Value(from_zone(f"({shifted})", kind.zone), kind)
    three = Type(
        kind.name, (max(3, *kind.numbers),) if interval.type == DAY_TIME else kind.numbers, zone=kind.zone
    )
    return Value(f"({moment.sql} {sign} {interval.sql})", three)


def _difference(left: Value, right: Value) -> Value | None:
    kind = common(left.type, right.type)
    if kind is None:
        return None
    left, right = convert(left, kind), convert(right, kind)
    if kind.name == "date":
        return Value(f"TO_DAYS(CAST({left.sql} - {right.sql} AS INTEGER))", DAY_TIME)
    if kind.name == "time":
        return Value(f"((DATE '1970-01-01' + {left.sql}) - (DATE '1970-01-01' + {right.sql}))", DAY_TIME)
    return Value(f"({left.sql} - {right.sql})", DAY_TIME)


def _scaled(interval: Value, sign: str, number: Value) -> Value:
    if interval.type == YEAR_MONTH:
        months = f"(DATEPART('year', {interval.sql}) * 12 + DATEPART('month', {interval.sql}))"
        return Value(
            f"TO_MONTHS(CAST(TRUNC({months} {sign} CAST({number.sql} AS DOUBLE)) AS INTEGER))", YEAR_MONTH
        )
    seconds = f"EPOCH({interval.sql}) {sign} CAST({number.sql} AS DOUBLE)"
    return Value(f"TO_MILLISECONDS(CAST(TRUNC(({seconds}) * 1000) AS BIGINT))", DAY_TIME)
