"""Literals: numbers, texts, dates, timestamps and intervals."""

from __future__ import annotations

import re
from datetime import date

from sqlglot import exp

from nrti_local.athena.trino.casts import cast
from nrti_local.athena.trino.dispatch import handles, translate
from nrti_local.athena.trino.forms.base import literal
from nrti_local.athena.trino.forms.zones import checked_zone
from nrti_local.athena.trino.refusals import RefusalError, absent
from nrti_local.athena.trino.scope import Scope, Value
from nrti_local.athena.trino.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DAY_TIME,
    INTEGER,
    JSON,
    UNKNOWN,
    VARBINARY,
    WIDEST_DECIMAL,
    YEAR_MONTH,
    Type,
    decimal,
)
from nrti_local.athena.trino.zones import from_zone

_TIMESTAMP = re.compile(
    r"\s*(?P<date>[-+]?\d{4,}-\d{1,2}-\d{1,2})"
    r"(?: (?:(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.(?P<fraction>\d+))?)?)?"
    r"\s*(?P<zone>.+?)?)?\s*"
)
_MOST_DIGITS = 6


@handles(exp.Null)
def _null(_node: exp.Null, _scope: Scope) -> Value:
    return Value("NULL", UNKNOWN)


@handles(exp.Boolean)
def _boolean(node: exp.Boolean, _scope: Scope) -> Value:
    return Value("true" if node.this else "false", BOOLEAN)


@handles(exp.Literal)
def _literal(node: exp.Literal, _scope: Scope) -> Value:
    text = str(node.this)
    if node.is_string:
        return Value(literal(text), Type("varchar", (len(text),)))
    if "e" in text.lower():
        return Value(f"CAST({text} AS DOUBLE)", Type("double"))
    if "." in text:
        return _decimal_literal(text, node)
    number = int(text)
    if number >= 2**63:
        raise RefusalError("INVALID_LITERAL", f"Invalid numeric literal: {text}", node)
    return Value(text, INTEGER if number < 2**31 else BIGINT)


def _decimal_literal(text: str, node: exp.Expr) -> Value:
    """Returns `1.50` as decimal(3, 2): it keeps its digits.

    Raises:
        RefusalError: it is no number, or has more than 38 digits.
    """
    parts = re.fullmatch(r"([+-]?)(\d*)(?:\.(\d*))?", text.strip())
    if parts is None or not (parts[2] or parts[3]):
        raise RefusalError("INVALID_LITERAL", f"Invalid DECIMAL literal '{text}'", node)
    # The zeros at the beginning of DECIMAL '…' count.
    whole = parts[2] or "" if node.meta.get("literal") else (parts[2] or "").lstrip("0")
    fraction = parts[3] or ""
    precision = max(1, len(whole) + len(fraction))
    if precision > WIDEST_DECIMAL:
        raise RefusalError("INVALID_LITERAL", f"DECIMAL literal '{text}' has more than 38 digits", node)
    kind = decimal(precision, len(fraction))
    return Value(f"CAST('{text.strip()}' AS {kind.duckdb})", kind)


@handles(exp.HexString)
def _hexadecimal(node: exp.HexString, _scope: Scope) -> Value:
    return Value(f"UNHEX('{node.name}')", VARBINARY)


@handles(exp.UnicodeString)
def _unicode(node: exp.UnicodeString, _scope: Scope) -> Value:
    text = re.sub(
        r"\\(?:\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4}))", lambda m: chr(int(m[1] or m[2], 16)), node.name
    )
    return Value(literal(text.replace("\\\\", "\\")), Type("varchar", (len(text),)))


def literal_of(text: str, target: Type, node: exp.Expr) -> Value | None:
    """Returns `date '2026-11-22'` and the like, which need no cast at run time; None for other types.

    Raises:
        RefusalError: the text is no such value.
    """
    if target.name == "decimal" and node.meta.get("literal"):
        return _decimal_literal(text, node)
    if target.name == "date":
        return _date_literal(text, node)
    if target.name.startswith("timestamp"):
        return _timestamp_literal(text, target, node)
    return None


def _date_literal(text: str, node: exp.Expr) -> Value | None:
    try:
        year, month, day = (int(part) for part in text.strip().split("-"))
        known = date(year, month, day)
    except ValueError as error:
        if not node.meta.get("literal"):
            return None
        raise RefusalError("INVALID_LITERAL", f"'{text}' is not a valid DATE literal", node) from error
    return Value(f"DATE '{known}'", DATE)


def _timestamp_literal(text: str, target: Type, node: exp.Expr) -> Value | None:
    parts = _TIMESTAMP.fullmatch(text)
    if parts is None or (parts["zone"] and target.name == "timestamp" and not node.meta.get("literal")):
        if not node.meta.get("literal"):
            return None
        raise RefusalError("INVALID_LITERAL", f"'{text}' is not a valid TIMESTAMP literal", node)
    fraction = parts["fraction"] or ""
    if len(fraction) > _MOST_DIGITS:
        raise absent("More than six digits of a second", node)
    clock = f"{int(parts['hour'] or 0):02}:{int(parts['minute'] or 0):02}:{int(parts['second'] or 0):02}"
    moment = f"TIMESTAMP '{parts['date']} {clock}{'.' + fraction if fraction else ''}'"
    given = bool(node.meta.get("literal"))
    value = Value(moment, Type("timestamp", (len(fraction),)))
    precision = len(fraction) if given else target.numbers[0]
    if parts["zone"]:
        zone = checked_zone(parts["zone"], node)
        value = Value(from_zone(moment, zone), Type("timestamp with time zone", (len(fraction),), zone=zone))
    wanted = Type(value.type.name if given else target.name, (precision,), zone=value.type.zone)
    return value if value.type == wanted else cast(value, wanted)


@handles(exp.Interval)
def _interval(node: exp.Interval, _scope: Scope) -> Value:
    unit = node.args.get("unit")
    if isinstance(unit, exp.IntervalSpan):
        return _span(node.this.name, unit.this.name.lower(), unit.expression.name.lower(), node)
    name = unit.name.lower() if unit else ""
    text = node.this.name.strip()
    number = re.fullmatch(r"([+-]?)(\d+)(\.\d+)?", text)
    if number is None or (number[3] and name != "second"):
        raise RefusalError("INVALID_LITERAL", f"'{text}' is not a valid INTERVAL literal", node)
    if name in ("year", "month"):
        return Value(f"INTERVAL '{text} {name.upper()}S'", YEAR_MONTH)
    if name in ("day", "hour", "minute", "second"):
        return Value(f"INTERVAL '{text} {name.upper()}S'", DAY_TIME)
    raise RefusalError(
        "SYNTAX_ERROR",
        f"mismatched input '{name}'. Expecting: 'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND', 'YEAR'",
        node,
    )


def _span(text: str, first: str, last: str, node: exp.Expr) -> Value:
    parts = re.fullmatch(r"\s*([+-]?)(\d+)-(\d+)\s*", text)
    if first == "year" and last == "month" and parts:
        sign = parts[1] if parts[1] == "-" else ""
        months = int(parts[2]) * 12 + int(parts[3])
        return Value(f"INTERVAL '{sign}{months} MONTHS'", YEAR_MONTH)
    clock = re.fullmatch(r"\s*([+-]?)(\d+)(?: (\d+)(?::(\d+)(?::(\d+(?:\.\d+)?))?)?)?\s*", text)
    if first == "day" and clock:
        sign = clock[1] if clock[1] == "-" else ""
        names = ("DAYS", "HOURS", "MINUTES", "SECONDS")
        pieces = [
            f"{sign}{number} {name}" for number, name in zip(clock.groups()[1:], names, strict=True) if number
        ]
        return Value(f"INTERVAL '{' '.join(pieces)}'", DAY_TIME)
    raise absent(f"An interval from {first} to {last}", node)


@handles(exp.ParseJSON)
def _json_literal(node: exp.ParseJSON, scope: Scope) -> Value:
    return Value(f"trino_json_parse({translate(node.this, scope).sql})", JSON)
