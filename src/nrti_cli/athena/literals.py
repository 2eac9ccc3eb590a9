"""Values in the text of a query."""

from __future__ import annotations

from datetime import UTC, datetime


def quoted(text: str) -> str:
    """A text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def timestamp(moment: datetime) -> str:
    """A time as a literal in UTC with milliseconds."""
    at = moment.astimezone(UTC)
    return f"timestamp '{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}'"


def predicted_since(moment: datetime) -> list[str]:
    """Conditions for predictions from a time on; that on the day limits the partitions that are read.

    A prediction is delivered to the lake on the day of the prediction or later.
    """
    return [f"day >= '{moment.astimezone(UTC):%Y-%m-%d}'", f"predicted_time >= {timestamp(moment)}"]
