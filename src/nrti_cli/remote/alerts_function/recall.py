"""The recall of the predictions that have a label, from the view `outcomes` of the lake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from .lake import Lake, quoted
from .readings import Reading
from .rules import Rule, percent, span

EVERY_SECONDS = 3600.0
#: With fewer labelled failures a recall is no more than chance.
_LEAST_FAILURES = 10


def recall(rule: Rule, kept: dict[str, Any], lake: Lake, now: int) -> Reading | None:
    """The recall in the rule's window; None if it is not due or the query still runs.

    Raises:
        LakeError: the query failed.
    """
    if not lake.due(kept, now, EVERY_SECONDS):
        return None
    rows = lake.ask(sql(rule, now), kept, now)
    if rows is None:
        return None
    found, failures = (int(rows[0][name] or 0) for name in ("found", "failures"))
    window = span(rule.seconds or 0)
    if failures < _LEAST_FAILURES:
        note = f"{failures} labelled failures in {window}, needs {_LEAST_FAILURES}"
        return Reading(note=note, known=False)
    share = found / failures
    note = f"recall {percent(share)} in {window}, {found:,} of {failures:,} labelled failures"
    return Reading({"": note} if share < (rule.threshold or 0) else {}, note)


def sql(rule: Rule, now: int) -> str:
    """Counts the labelled failures, and those that were predicted."""
    first = datetime.fromtimestamp(now / 1000, UTC) - timedelta(seconds=rule.seconds or 0)
    conditions = [
        f"day >= {quoted(f'{first:%Y-%m-%d}')}",
        f"event_time >= TIMESTAMP {quoted(f'{first:%Y-%m-%d %H:%M:%S}')}",
        "truth = 1",
        "coalesce(shadow, false) = false",
        *([f"model = {quoted(rule.model)}"] if rule.model else []),
        *([f"sensor = {quoted(rule.sensor)}"] if rule.sensor else []),
    ]
    where = " AND ".join(conditions)
    return f"SELECT coalesce(sum(prediction), 0) AS found, count(*) AS failures FROM outcomes WHERE {where}"  # noqa: S608
