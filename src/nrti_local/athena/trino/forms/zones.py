"""Time zones: a zone must be a literal, so that it is known before the query runs."""

from __future__ import annotations

import re

from sqlglot import exp

from nrti_local.athena.trino.bound import Call
from nrti_local.athena.trino.forms.base import arguments, constant, form, invalid, literal, number_of
from nrti_local.athena.trino.refusals import RefusalError, absent
from nrti_local.athena.trino.scope import Value
from nrti_local.athena.trino.types import Type
from nrti_local.athena.trino.zones import from_zone


@form
def zoned(call: Call, result: Type) -> Value:
    """The first argument is a moment; the last one is its zone."""
    zone = _zone_argument(call, len(call.arguments) - 1)
    return Value(arguments(call)[0].sql, result.at(zone))


@form
def from_unixtime(call: Call, result: Type) -> Value:
    """Seconds since 1970, in a zone or at an offset."""
    zone = _zone_argument(call, 1)
    return Value(f"trino_moment({arguments(call)[0].sql})", result.at(zone))


@form
def from_unixtime_offset(call: Call, result: Type) -> Value:
    """Seconds since 1970, at an offset of hours and minutes."""
    hours, minutes = (each.sql for each in arguments(call)[1:])
    if not re.fullmatch(r"-?\d+", number_of(hours)) or not re.fullmatch(r"-?\d+", number_of(minutes)):
        raise absent("An offset that is no literal", call.node)
    total = int(number_of(hours)) * 60 + int(number_of(minutes))
    if abs(total) > 14 * 60:
        raise invalid(f"Invalid offset minutes {total}", call)
    sign = "-" if total < 0 else "+"
    zone = f"{sign}{abs(total) // 60:02}:{abs(total) % 60:02}"
    return Value(f"trino_moment({arguments(call)[0].sql})", result.at(zone))


@form
def with_timezone(call: Call, result: Type) -> Value:
    """A local time in a zone."""
    zone = _zone_argument(call, 1)
    return Value(from_zone(arguments(call)[0].sql, zone), result.at(zone))


def _zone_argument(call: Call, index: int) -> str:
    """Returns the zone that an argument names."""
    zone = constant(call, index, "A time zone")
    return checked_zone(zone, call.node)


def checked_zone(zone: str, node: exp.Expr) -> str:
    """Returns a zone's name or offset as Trino writes it.

    Raises:
        RefusalError: there is no such zone.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if offset := re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})?", zone):
        return f"{offset[1]}{int(offset[2]):02}:{offset[3] or '00'}"
    if zone.upper() in ("UTC", "Z", "GMT", "UT", "ZULU", "ETC/UTC"):
        return "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RefusalError("INVALID_FUNCTION_ARGUMENT", f"'{zone}' is not a valid time zone", node) from error
    return zone


@form
def timezone(call: Call, result: Type) -> Value:
    """The zone of a timestamp."""
    zone = arguments(call)[0].type.zone
    if zone is None:
        raise absent("A timestamp whose time zone is in the data", call.node)
    return Value(literal(zone), result)
