"""Timestamps with time zone: DuckDB has the moment, the type has the zone."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.trino.refusals import absent
from nrti_local.athena.trino.scope import Value


def in_zone(sql: str, zone: str) -> str:
    """Returns the local time of a timestamp with time zone."""
    if zone[0] in "+-":
        return f"(TIMEZONE('UTC', {sql}) + INTERVAL '{_minutes(zone)} MINUTES')"
    return f"TIMEZONE('{zone}', {sql})"


def from_zone(sql: str, zone: str) -> str:
    """Returns the timestamp with time zone of a local time."""
    if zone[0] in "+-":
        return f"TIMEZONE('UTC', {sql} - INTERVAL '{_minutes(zone)} MINUTES')"
    return f"TIMEZONE('{zone}', {sql})"


def _minutes(offset: str) -> int:
    hours, _, minutes = offset[1:].partition(":")
    return (int(hours) * 60 + int(minutes or 0)) * (-1 if offset[0] == "-" else 1)


def local(value: Value | None, node: exp.Expr) -> str:
    """Returns the local time of a timestamp with time zone; any other value as it is.

    Raises:
        RefusalError: its time zone is not known before the query runs.
    """
    assert value is not None  # noqa: S101 (no lambda expression)
    if not value.type.name.endswith("time zone"):
        return value.sql
    if value.type.zone is None:
        raise absent("A timestamp whose time zone is in the data", node)
    return in_zone(value.sql, value.type.zone)
