"""The sensors for rules over all sensors, read from the lake."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .lake import Lake, quoted

#: How often the lake is asked for new sensors; until one is known, in each evaluation.
EVERY_SECONDS = 900.0
#: A sensor that was not seen for so long is forgotten.
_FORGOTTEN_MS = 7 * 86_400_000


def learn(kept: dict[str, Any], lake: Lake, now: int) -> list[str]:
    """The sensors of the last seven days.

    Args:
        kept: `names`, when each sensor was last seen, and the query that runs.
        lake: of the stack.
        now: epoch milliseconds.

    Raises:
        LakeError: the query failed.
    """
    names: dict[str, int] = kept.setdefault("names", {})
    if lake.due(kept, now, EVERY_SECONDS if names else 0):
        rows = lake.ask(_sql(now), kept, now)
        names.update({name: now for row in rows or () if (name := row["sensor"])})
    for name in [name for name, seen in names.items() if now - seen > _FORGOTTEN_MS]:
        del names[name]
    return list(names)


def _sql(now: int) -> str:
    """Reads one column of today's files; the day is that of the delivery."""
    today = datetime.fromtimestamp(now / 1000, UTC)
    day = quoted(f"{today:%Y-%m-%d}")
    return f"SELECT DISTINCT sensor FROM predictions_raw WHERE day = {day}"  # noqa: S608
