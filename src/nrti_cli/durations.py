"""Parses durations (`1h30m`) and times (`2026-11-22`), and formats durations for people."""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
#: Each unit at most once, the largest first; or a number of seconds.
_WRITTEN = re.compile(
    r"(?=\d)" + r"\s*".join(rf"(?:(\d+(?:\.\d+)?)\s*{unit}(?![a-z]))?" for unit in _UNITS), re.ASCII
)
_SECONDS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
#: A century; longer durations would lead to times that datetime cannot represent.
_LONGEST = 100 * 365.25 * 86_400


def parse_duration(text: str) -> float:
    """Parses a duration such as `90`, `30s`, `1h30m`, `1.5h`, `2d`, `1w` or `250ms`; returns seconds.

    Raises:
        ValueError: it is not a duration, is zero, or exceeds a century.
    """
    written = text.strip()
    if _SECONDS.fullmatch(written):
        seconds = float(written)
    elif parts := _WRITTEN.fullmatch(written):
        seconds = sum(
            float(part or 0) * unit for part, unit in zip(parts.groups(), _UNITS.values(), strict=True)
        )
    else:
        raise ValueError(f"{_shown(text)} is not a duration: write 30s, 5m, 1h30m, 1w or a number of seconds")
    if not seconds:
        raise ValueError(f"the duration {_shown(text)} is zero: write a longer one, such as 30s")
    if seconds > _LONGEST:
        raise ValueError("the duration is longer than a century: write a shorter one, such as 30s")
    return seconds


def parse_moment(text: str, now: datetime) -> datetime:
    """Parses a time in UTC: `10m` before `now`, or ISO 8601 such as `2026-11-22` or `2026-11-22T15:37Z`.

    A time without a zone is in UTC; a date without a time is the beginning of that day.

    Raises:
        ValueError: it is neither.
    """
    # In ISO 8601, eight digits are a date; as a number of seconds they would be at least four months.
    if re.fullmatch(r"\d{4}-?\d{2}-?\d{2}.*", text.strip(), re.ASCII | re.DOTALL):
        try:
            moment = datetime.fromisoformat(text.strip())
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            pass
    try:
        return now - timedelta(seconds=parse_duration(text))
    except ValueError:
        example = "10m or 1h30m (ago), 2026-11-22 or 2026-11-22T15:37 (UTC)"
        raise ValueError(f"{_shown(text)} is not a time: write {example}") from None


def _shown(text: str, most: int = 40) -> str:
    return repr(text if len(text) <= most else f"{text[:most]}…")


def show_duration(seconds: float) -> str:
    """Formats a duration briefly: `8.4 ms`, `340 ms`, `2.1 s`, `5 min`, `3 h`, `12 d`."""
    size = abs(seconds)
    if size < 1:
        return f"{seconds * 1000:.{1 if size < 0.01 else 0}f} ms"
    if size < 120:
        return f"{seconds:.1f} s"
    unit, name = next(((u, n) for u, n in ((86400, "d"), (3600, "h")) if size >= 2 * u), (60, "min"))
    return f"{seconds / unit:.0f} {name}"
