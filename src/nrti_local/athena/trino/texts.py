"""CAST to varchar."""

from __future__ import annotations

from nrti_local.athena.trino.types import INTEGERS, Type
from nrti_local.athena.trino.zones import in_zone


def _text_of_timestamp(sql: str, precision: int) -> str:
    """Returns `2026-11-22 12:00:01.123` with as many digits of the second as the precision says."""
    if precision == 0:
        return f"STRFTIME({sql}, '%Y-%m-%d %H:%M:%S')"
    return f"LEFT(STRFTIME({sql}, '%Y-%m-%d %H:%M:%S.%f'), {20 + precision})"


def text(sql: str, source: Type) -> str | None:  # noqa: PLR0911 (one for each kind of type)
    """Returns CAST(value AS varchar), or None if Trino has no such cast."""
    if source.is_float:
        return f"trino_text({sql})"
    if source.name == "timestamp":
        return _text_of_timestamp(sql, source.numbers[0])
    if source.name == "timestamp with time zone":
        if source.zone is None:
            return None
        return f"{_text_of_timestamp(in_zone(sql, source.zone), source.numbers[0])} || ' {source.zone}'"
    if source.name == "time":
        digits = source.numbers[0]
        full = f"STRFTIME(DATE '1970-01-01' + {sql}, '%H:%M:%S.%f')"
        return f"LEFT({full}, {9 + digits if digits else 8})"
    if source.name.startswith("interval"):
        return f"trino_{source.name.split()[1]}_interval_text({sql})"
    if source.name == "decimal" and source.numbers[0] == source.numbers[1]:
        return f"trino_fraction_text({sql})"
    if source.is_text or source.name in ("boolean", *INTEGERS, "decimal", "date", "uuid"):
        return f"CAST({sql} AS VARCHAR)"
    return None
