"""Spans of time and moments as people write them, `1h30m` or `2026-11-22`, and spans as they read them."""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
#: Each unit once, the longest first, or a number alone, which is seconds.
_WRITTEN = re.compile(
    r"(?=\d)" + r"\s*".join(rf"(?:(\d+(?:\.\d+)?)\s*{unit}(?![a-z]))?" for unit in _UNITS), re.ASCII
)
_SECONDS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
#: A century: beyond it a time since now is none that a clock shows.
_LONGEST = 100 * 365.25 * 86_400


def parse_duration(text: str) -> float:
    """Seconds, from `90`, `30s`, `1h30m`, `1.5h`, `2d`, `1w` or `250ms`.

    Raises:
        ValueError: it is none of these, zero, or more than a century.
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
        raise ValueError(f"the duration {_shown(text)} is nothing: write a longer one, such as 30s")
    if seconds > _LONGEST:
        raise ValueError("the duration is longer than a century: write a shorter one, such as 30s")
    return seconds


def parse_moment(text: str, now: datetime) -> datetime:
    """A time in UTC: so long before now, as `10m`, or in ISO 8601, as `2026-11-22` or `2026-11-22T15:37Z`.

    A time without a zone is UTC, a date without a time is when that day began.

    Raises:
        ValueError: it is neither.
    """
    # ISO 8601 also writes a day as eight digits; as a number of seconds that would be eight months at least.
    if re.fullmatch(r"\d{4}-?\d{2}-?\d{2}.*", text.strip(), re.ASCII | re.DOTALL):
        try:
            moment = datetime.fromisoformat(text.strip())
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            pass
    try:
        return now - timedelta(seconds=parse_duration(text))
    except ValueError:
        example = "10m or 1h30m (so long ago), 2026-11-22 or 2026-11-22T15:37 (UTC)"
        raise ValueError(f"{_shown(text)} is not a time: write {example}") from None


def _shown(text: str, most: int = 40) -> str:
    return repr(text if len(text) <= most else f"{text[:most]}…")


def show_duration(seconds: float) -> str:
    """Few characters for a person: `8.4 ms`, `340 ms`, `2.1 s`, `5 min`, `3 h`, `12 d`."""
    size = abs(seconds)
    if size < 1:
        return f"{seconds * 1000:.{1 if size < 0.01 else 0}f} ms"
    if size < 120:
        return f"{seconds:.1f} s"
    unit, name = next(((u, n) for u, n in ((86400, "d"), (3600, "h")) if size >= 2 * u), (60, "min"))
    return f"{seconds / unit:.0f} {name}"
