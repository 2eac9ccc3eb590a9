"""The values of fields: texts and numbers, compared and shown as Logs Insights does."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from nrti_local.cloudwatch.numbers import NUMBER

_CHUNK = re.compile(r"(\d+)")
#: Decimal places of a computed number.
_PLACES = 4


class MalformedQueryError(ValueError):
    """A query is wrong, or uses what the embedded AWS does not have.

    Args:
        message: what is wrong.
        place: where in the query, as the indices of the first character and of the one after the last.
    """

    def __init__(self, message: str, place: tuple[int, int] | None = None) -> None:
        super().__init__(message)
        self.place = place


class Timestamp(int):
    """A time in milliseconds since 1970, which is shown as a date."""


def number(value: Any) -> float | None:
    """A number, or a text that is one; else None."""
    if isinstance(value, int | float):
        return float(value)
    return float(value) if isinstance(value, str) and NUMBER.fullmatch(value) else None


def text(value: Any) -> str:
    """A value as results show it. True and false are 1 and 0."""
    if isinstance(value, Timestamp):
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    if isinstance(value, float):
        value = round(value, _PLACES)
        return str(int(value)) if value.is_integer() else repr(value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same number, or else the same text. Nothing equals a missing field."""
    if left is None or right is None:
        return False
    numbers = number(left), number(right)
    return text(left) == text(right) if None in numbers else numbers[0] == numbers[1]


def less(left: Any, right: Any) -> bool:
    """Whether a number is less than another, or a text comes before another."""
    one, other = number(left), number(right)
    return text(left) < text(right) if one is None or other is None else one < other


def order(value: Any) -> tuple[Any, ...]:
    """The key of an ascending sort: missing fields, then texts in natural order, then numbers."""
    if value is None:
        return (0,)
    if (found := number(value)) is not None:
        return (2, found)
    chunks = enumerate(_CHUNK.split(text(value)))
    return (1, *(("0", len(part), part) if place % 2 else (part, 0, "") for place, part in chunks if part))
