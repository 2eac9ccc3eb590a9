"""Spans of time as people write them, `30s` or `10m`, and as they read them."""

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?", re.ASCII)


def parse_duration(text: str) -> float:
    """Seconds, from `90`, `30s`, `5m`, `1.5h`, `2d` or `250ms`.

    Raises:
        ValueError: it is none of these, or zero.
    """
    written = _WRITTEN.fullmatch(text.strip())
    if not written:
        raise ValueError(f"{text!r} is not a duration: write 30s, 5m, 2h, 1d or a number of seconds")
    seconds = float(written[1]) * _UNITS[written[2] or "s"]
    if not seconds:
        raise ValueError(f"the duration {text!r} is nothing: write a longer one, such as 30s")
    return seconds


def show_duration(seconds: float) -> str:
    """Few characters for a person: `8.4 ms`, `340 ms`, `2.1 s`, `5 min`, `3 h`, `12 d`."""
    size = abs(seconds)
    if size < 1:
        return f"{seconds * 1000:.{1 if size < 0.01 else 0}f} ms"
    if size < 120:
        return f"{seconds:.1f} s"
    unit, name = next(((u, n) for u, n in ((86400, "d"), (3600, "h")) if size >= 2 * u), (60, "min"))
    return f"{seconds / unit:.0f} {name}"
