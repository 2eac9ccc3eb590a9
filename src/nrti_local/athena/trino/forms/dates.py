"""Dates and times: units, patterns, the time of the query."""

from __future__ import annotations

import re
from collections.abc import Callable

from nrti_local.athena.trino import date_formats
from nrti_local.athena.trino.bound import Call
from nrti_local.athena.trino.forms.base import arguments, constant, form, invalid, literal, number_of
from nrti_local.athena.trino.refusals import absent
from nrti_local.athena.trino.scope import Value
from nrti_local.athena.trino.types import Type
from nrti_local.athena.trino.zones import from_zone, local

_UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
#: Units that are not the same length everywhere, so that the time zone matters.
_CALENDAR = ("day", "week", "month", "quarter", "year")


def _unit(call: Call) -> str:
    unit = constant(call, 0, "A unit").lower()
    if unit not in _UNITS:
        field = "timestamp" if not call.arguments[-1] else call.arguments[-1].type.name.upper()
        raise invalid(f"'{unit}' is not a valid {field.partition(' WITH')[0]} field", call)
    kind = call.arguments[-1].type.name if call.arguments[-1] else ""
    if (kind == "date" and unit not in _CALENDAR) or (kind == "time" and unit in _CALENDAR):
        raise invalid(f"'{unit}' is not a valid {kind.upper()} field", call)
    return unit


def _at_zone(call: Call, value: Value, unit: str, make: Callable[[str], str]) -> str:
    """Computes with the local time of a timestamp with time zone if the unit depends on the calendar."""
    if not value.type.name.endswith("time zone") or unit not in _CALENDAR:
        return make(value.sql)
    return from_zone(make(local(value, call.node)), value.type.zone or "UTC")


@form
def date_trunc(call: Call, result: Type) -> Value:
    """Truncates; DuckDB returns a timestamp for a date."""
    unit = _unit(call)
    value = arguments(call)[1]
    if result.name == "time":
        return Value(f"CAST(DATE_TRUNC('{unit}', DATE '1970-01-01' + {value.sql}) AS TIME)", result)
    sql = _at_zone(call, value, "day", lambda x: f"DATE_TRUNC('{unit}', {x})")
    return Value(f"CAST({sql} AS {result.duckdb})", result.at(value.type.zone))


@form
def date_add(call: Call, result: Type) -> Value:
    """Adds a number of units; the last day of a month stays one."""
    unit = _unit(call)
    _, number, value = arguments(call)
    makers = {"millisecond": "TO_MILLISECONDS({})", "quarter": "TO_MONTHS(CAST({} * 3 AS INTEGER))"}
    simple = (
        f"TO_{unit.upper()}S({{}})"
        if unit in ("second", "minute", "hour")
        else f"TO_{unit.upper()}S(CAST({{}} AS INTEGER))"
    )
    interval = makers.get(unit, simple).format(f"({number.sql})")
    sql = _at_zone(call, value, unit, lambda x: f"({x} + {interval})")
    return Value(f"CAST({sql} AS {result.duckdb})", result.at(value.type.zone))


@form
def date_diff(call: Call, result: Type) -> Value:
    """Counts whole units."""
    unit = _unit(call)
    _, first, second = arguments(call)
    if first.type.name == "time":
        first, second = (Value(f"(DATE '1970-01-01' + {each.sql})", each.type) for each in (first, second))
    elif first.type.name.endswith("time zone") and unit in _CALENDAR:
        second = Value(second.sql, first.type)
        first, second = (Value(local(each, call.node), each.type) for each in (first, second))
    return Value(f"DATESUB('{unit}', {first.sql}, {second.sql})", result)


@form
def date_format(call: Call, result: Type) -> Value:
    """Writes a moment by a pattern of MySQL."""
    pattern = _mysql_pattern(call)
    return Value(f"STRFTIME({_local_argument(call, 0)}, {literal(pattern)})", result)


@form
def date_parse(call: Call, result: Type) -> Value:
    """Reads a moment by a pattern of MySQL."""
    pattern = _mysql_pattern(call)
    # Hours from 1 to 12 without AM or PM are before noon; DuckDB wants the half of the day.
    text = arguments(call)[0].sql
    if ("%I" in pattern and "%p" not in pattern) or ("%-I" in pattern and "%p" not in pattern):
        pattern, text = pattern + " %p", f"{text} || ' AM'"
    if not re.search(r"%-?[YyG]", pattern):
        pattern, text = "%Y " + pattern, f"'1970 ' || {text}"
    return Value(f"trino_parsed({text}, {literal(pattern)})", result)


def _mysql_pattern(call: Call) -> str:
    """DuckDB's pattern for the second argument."""
    try:
        return date_formats.mysql(constant(call, 1, "A date pattern"))
    except date_formats.PatternError as error:
        raise invalid(str(error), call) from error


def _local_argument(call: Call, index: int) -> str:
    """Returns the local time of an argument."""
    return local(arguments(call)[index], call.node)


def _joda(call: Call, index: int, *, parsing: bool) -> list[str]:
    try:
        return date_formats.joda(constant(call, index, "A date pattern"), parsing=parsing)
    except date_formats.UnsupportedPatternError as error:
        raise absent(f"The date pattern '{error}'", call.node) from error
    except date_formats.PatternError as error:
        raise invalid(str(error), call) from error


@form
def format_datetime(call: Call, result: Type) -> Value:
    """Writes a moment by a pattern of Joda."""
    value = arguments(call)[0]
    zone = value.type.zone or ""
    parts = []
    for piece in _joda(call, 1, parsing=False):
        if piece and set(piece) <= set("zZ"):
            parts.append(_zone_text(call, piece, zone))
        else:
            parts.append(f"STRFTIME({_local_argument(call, 0)}, {literal(piece)})")
    return Value(f"({' || '.join(parts or [literal('')])})", result)


def _zone_text(call: Call, piece: str, zone: str) -> str:
    if len(piece) >= 3 and piece[0] == "Z":
        return literal(zone)
    if piece[0] == "z" and zone == "UTC":
        return literal("UTC" if len(piece) < 4 else "Coordinated Universal Time")
    if piece[0] == "z":
        raise absent(f"The date pattern '{piece}'", call.node)
    moment, colon = arguments(call)[0].sql, literal(":" if len(piece) == 2 else "")
    return f"trino_offset_text({moment}, {_local_argument(call, 0)}, {colon})"


@form
def parse_datetime(call: Call, result: Type) -> Value:
    """Reads a moment by a pattern of Joda; a text with another offset than UTC is refused when it comes."""
    pieces = _joda(call, 1, parsing=True)
    text = arguments(call)[0].sql
    if any((piece and set(piece) == {"z"}) or (len(piece) >= 3 and set(piece) == {"Z"}) for piece in pieces):
        raise absent("The name of a time zone in a date pattern", call.node)
    zoned = any(piece and set(piece) == {"Z"} for piece in pieces)
    pattern = "".join("%z" if piece and set(piece) == {"Z"} else piece for piece in pieces)
    if zoned:
        return Value(f"trino_parsed_zoned({text}, {literal(pattern)})", result)
    return Value(f"CAST(trino_parsed({text}, {literal(pattern)}) AS TIMESTAMPTZ)", result)


@form
def current_timestamp(call: Call, result: Type) -> Value:
    """The time at which the query started."""
    digits = number_of(arguments(call)[0].sql) if call.arguments else "3"
    if not digits.isdigit():
        raise absent("A precision that is no literal", call.node)
    precision = int(digits)
    if precision > 6:
        raise absent("More than six digits of a second", call.node)
    kind = Type(result.name, (precision,))
    moment = "NOW()" if result.name.endswith("time zone") else "CAST(NOW() AS TIMESTAMP)"
    return Value(moment if precision == 6 else f"trino_cut({moment}, {10 ** (6 - precision)})", kind)
