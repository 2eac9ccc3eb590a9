"""Partition projection: the partitions that a table's parameters declare.

Athena computes the partitions from the parameters, and has no other whatever objects there are. The values
are those of AWS's page "Supported types for partition projection". The error of a key without a projection
is that of the page "Set up partition projection"; the other errors are our own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from nrti_local.athena.catalog.tables import GlueTable, Values
from nrti_local.athena.errors import AthenaError
from nrti_local.athena.trino.date_formats import PatternError, UnsupportedPatternError, joda

#: Whether a text is among the values of a key.
Declares = Callable[[str], bool]
#: The parameters of one key, by their last names.
_Parameters = Mapping[str, str]
_Bound = TypeVar("_Bound")

_MONTHS = {"MONTH": 1, "YEAR": 12}
_DURATIONS = {
    "WEEK": timedelta(weeks=1),
    "DAY": timedelta(days=1),
    "HOUR": timedelta(hours=1),
    "MINUTE": timedelta(minutes=1),
    "SECOND": timedelta(seconds=1),
    "MILLISECOND": timedelta(milliseconds=1),
}
_NOW = re.compile(r"\s*NOW\s*(?:([+-])\s*(\d+)\s*([A-Z]+)\s*)?", re.IGNORECASE)


class _InvalidParameterError(ValueError):
    """A parameter is missing or wrong; the text says which."""


def declared(table: GlueTable, now: datetime) -> Callable[[set[Values]], set[Values]]:
    """Returns the function that returns those of some partitions that the table declares.

    Args:
        table: a table whose partitions are projected.
        now: the moment that NOW stands for, in UTC and without a time zone.

    Raises:
        AthenaError: a key has no projection, or a wrong one.
    """
    _check(table)
    tests = [_declares(table, key["Name"], now) for key in table.partition_keys]
    return lambda found: {
        values for values in found if all(test(value) for test, value in zip(tests, values, strict=True))
    }


def injected(table: GlueTable) -> list[str]:
    """Returns the keys of a projected table whose values only a query names."""
    return [key["Name"] for key in table.partition_keys if _kind(table, key["Name"]) == "injected"]


def _check(table: GlueTable) -> None:
    keys = [key["Name"] for key in table.partition_keys]
    if missing := [key for key in keys if not _kind(table, key)]:
        name = ".".join(table.name)
        raise AthenaError(
            f"HIVE_METASTORE_ERROR: Table {name} is configured for partition projection, but the following "
            f"partition columns are missing projection configuration: [{', '.join(missing)}] (table {name})"
        )
    if any(f"${{{key}}}" not in table.template for key in keys):
        raise AthenaError(
            "INVALID_TABLE_PROPERTY: The 'storage.location.template' table property must contain templates "
            "for all partition columns!"
        )


def _kind(table: GlueTable, key: str) -> str:
    return _parameters(table, key).get("type", "").strip().lower()


def _parameters(table: GlueTable, key: str) -> _Parameters:
    start = f"projection.{key}.".lower()
    return {
        name.lower().removeprefix(start): value
        for name, value in table.parameters.items()
        if name.lower().startswith(start)
    }


def _declares(table: GlueTable, key: str, now: datetime) -> Declares:
    kind, parameters = _kind(table, key), _parameters(table, key)
    try:
        if kind == "enum":
            return _enumerated(parameters, key)
        if kind == "integer":
            return _integers(parameters)
        if kind == "date":
            return _dates(parameters, now)
    except ValueError as error:
        raise AthenaError(
            f"INVALID_TABLE_PROPERTY: Invalid projection for column '{key}': {error}"
        ) from error
    if kind == "injected":
        return bool
    raise AthenaError(
        f"INVALID_TABLE_PROPERTY: Invalid projection for column '{key}': type '{kind}' is unknown"
    )


def _enumerated(parameters: _Parameters, key: str) -> Declares:
    if not parameters.get("values"):
        raise AthenaError(
            "INVALID_TABLE_PROPERTY: Must provide a comma-separated enumeration to build a projected enum "
            f"partition column! (property: projection.{key}.values)"
        )
    return set(parameters["values"].split(",")).__contains__


def _required(parameters: _Parameters, name: str) -> str:
    if name not in parameters:
        raise _InvalidParameterError(f"property '{name}' is missing")
    return parameters[name]


def _range(parameters: _Parameters, read: Callable[[str], _Bound]) -> tuple[_Bound, _Bound]:
    bounds = [read(bound) for bound in _required(parameters, "range").split(",")]
    if len(bounds) != 2:
        raise _InvalidParameterError("property 'range' needs two values")
    return bounds[0], bounds[1]


def _interval(parameters: _Parameters) -> int:
    interval = int(parameters.get("interval", "1"))
    if interval < 1:
        raise _InvalidParameterError("property 'interval' must be 1 or more")
    return interval


def _unit(name: str) -> str:
    """The name of a unit as the tables above have it."""
    unit = name.strip().upper().removesuffix("S")
    if unit not in _DURATIONS and unit not in _MONTHS:
        raise _InvalidParameterError(f"unit '{name}' is unknown")
    return unit


def _integers(parameters: _Parameters) -> Declares:
    low, high = _range(parameters, _integer)
    step, digits = _interval(parameters), int(parameters.get("digits", "0"))

    def declares(value: str) -> bool:
        try:
            number = int(value)
        except ValueError:
            return False
        return low <= number <= high and (number - low) % step == 0 and f"{number:0{digits}d}" == value

    return declares


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise AthenaError(f'INVALID_TABLE_PROPERTY: For input string: "{text.strip()}"') from error


def _dates(parameters: _Parameters, now: datetime) -> Declares:
    try:
        written = "".join(joda(_required(parameters, "format")))
    except (PatternError, UnsupportedPatternError) as error:
        raise _InvalidParameterError(f"property 'format' has '{error}'") from error
    low, high = _range(parameters, lambda bound: _moment(bound, written, now))
    step = _interval(parameters)
    unit = _unit(parameters["interval.unit"]) if "interval.unit" in parameters else _finest(written)

    def declares(value: str) -> bool:
        moment = _written(value, written)
        return moment is not None and low <= moment <= high and _is_step(low, moment, step, unit)

    return declares


@lru_cache(maxsize=100_000)
def _written(value: str, written: str) -> datetime | None:
    """The moment that a key's format would write so; None if it writes nothing so.

    Cached: every query looks at all partitions.
    """
    try:
        moment = _parse(value, written)
    except ValueError:
        return None
    return moment if moment.strftime(written) == value else None


def _finest(written: str) -> str:
    """The unit of the interval if the table names none: AWS has a default for months and days alone."""
    if re.search(r"%-?(?:H|I|M|S)", written):
        raise _InvalidParameterError("property 'interval.unit' is missing")
    return "DAY" if re.search(r"%-?[dj]", written) else "MONTH"


def _moment(bound: str, written: str, now: datetime) -> datetime:
    """A bound of a range: a date in the key's format, or NOW with an offset."""
    relative = _NOW.fullmatch(bound)
    if relative is None:
        return _parse(bound.strip(), written)
    sign, count, unit = relative.groups()
    moment = _shifted(now, int(f"{sign}{count}"), _unit(unit)) if sign else now
    return _parse(moment.strftime(written), written)


def _shifted(moment: datetime, count: int, unit: str) -> datetime:
    if unit in _DURATIONS:
        return moment + count * _DURATIONS[unit]
    months = moment.year * 12 + moment.month - 1 + count * _MONTHS[unit]
    first = moment.replace(year=months // 12, month=months % 12 + 1, day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return min(first + timedelta(days=moment.day - 1), after - timedelta(days=1))


def _parse(text: str, written: str) -> datetime:
    return datetime.strptime(text, written.replace("%-", "%"))


def _is_step(low: datetime, moment: datetime, step: int, unit: str) -> bool:
    """Whether a moment is a whole number of steps after the first one."""
    if unit in _DURATIONS:
        return (moment - low) % (step * _DURATIONS[unit]) == timedelta(0)
    months = (moment.year - low.year) * 12 + moment.month - low.month
    return months % (step * _MONTHS[unit]) == 0 and _shifted(low, months, "MONTH") == moment
