"""The timestamps of the Amazon States Language: RFC 3339 with a capital T and a capital Z."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def parse(value: Any) -> datetime | None:
    """Returns the moment, or None if the value is not a timestamp."""
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def now() -> str:
    """Returns the present moment, to the millisecond."""
    return _text(int(time.time() * 1000))


@lru_cache(maxsize=1)
def _text(milliseconds: int) -> str:
    """States follow each other within a millisecond, and each notes when it is entered."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
