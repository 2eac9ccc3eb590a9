"""The rule about silence: which sensors are silent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from .readings import Reading
from .rules import Rule, span
from .table import Table


def silence(rule: Rule, kept: dict[str, Any], sensors: Collection[str], table: Table, now: int) -> Reading:
    """The sensors without an event for longer than the rule allows.

    A sensor is asked for only if the last event that is known of it is too old.

    Args:
        rule: of kind silence; a sensor that never sent is silent since the rule was added.
        kept: `heard`, the time of each sensor's last event, which is updated.
        sensors: to look at.
        table: with the items.
        now: epoch milliseconds.
    """
    limit = now - round(1000 * (rule.seconds or 0))
    before: dict[str, int] = kept.get("heard", {})
    heard = kept["heard"] = {name: before.get(name, 0) for name in sensors}
    for name, at in heard.items():
        if at < limit:
            heard[name] = max(at, table.last_heard(name, limit, now)) or rule.added_at
    silent = {name: _describe(at, now) for name, at in sorted(heard.items()) if at < limit}
    if not heard:
        return Reading(note="no sensor is known yet")
    note = f"{len(silent)} of {len(heard)} silent" if len(heard) > 1 else _note(heard, rule, now)
    return Reading(silent, note)


def _describe(at: int, now: int) -> str:
    last = datetime.fromtimestamp(at / 1000, UTC)
    return f"no event for {span((now - at) // 1000)}, since {last:%Y-%m-%d %H:%M:%S} UTC"


def _note(heard: dict[str, int], rule: Rule, now: int) -> str:
    (at,) = heard.values()
    if at == rule.added_at:
        return "no event since the rule was added"
    return f"no event for {span((now - at) // 1000)}" if now - at >= 60_000 else "an event in the last minute"
