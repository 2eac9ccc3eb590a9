"""Times of events, as milliseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime

from nrti_cli.tables.faults import quoted

#: As milliseconds this is March 1973, as seconds the year 5138: what is smaller is the latter.
_LEAST_MILLISECONDS = 100_000_000_000


def milliseconds(value: object) -> int:
    """Epoch milliseconds, from the same as digits or from ISO 8601; a time without a zone is UTC.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, datetime):
        return _since_1970(value)
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    try:
        number = int(text) if text.lstrip("-").isdigit() else None
        if number is None:
            return _since_1970(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise ValueError(f"{quoted(value)} is neither epoch milliseconds nor ISO 8601") from None
    if 0 < number < _LEAST_MILLISECONDS:
        raise ValueError(f"{text} looks like seconds; epoch milliseconds are wanted")
    return number


def _since_1970(time: datetime) -> int:
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)
