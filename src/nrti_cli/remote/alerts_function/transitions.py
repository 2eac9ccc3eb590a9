"""When an alert begins and ends, from the readings of a rule and its cooldown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .readings import Reading
from .rules import Rule


@dataclass(frozen=True)
class Change:
    """Alerts of a rule that begin or end in one evaluation, for one message.

    Attributes:
        began: descriptions by sensor or model; the key is empty for a rule with a single subject.
        ended: since when each alert was active, in epoch milliseconds.
    """

    began: dict[str, str]
    ended: dict[str, int]


def follow(rule: Rule, state: dict[str, Any], reading: Reading, now: int) -> Change:
    """Updates the state of a rule: `active`, with the time when each alert began, and `quiet_until`.

    Args:
        rule: with its cooldown.
        state: is updated.
        reading: of this evaluation.
        now: epoch milliseconds.
    """
    active: dict[str, int] = state.setdefault("active", {})
    quiet: dict[str, int] = state.setdefault("quiet_until", {})
    state["note"], state["known"] = reading.note, reading.known
    if not reading.known:
        return Change({}, {})
    began = {
        name: text
        for name, text in reading.active.items()
        if name not in active and now >= quiet.get(name, 0)
    }
    ended = {name: since for name, since in active.items() if name not in reading.active}
    for name in ended:
        del active[name]
        quiet[name] = now + round(1000 * rule.cooldown)
    active.update(dict.fromkeys(began, now))
    state["quiet_until"] = {name: until for name, until in quiet.items() if until > now}
    return Change(began, ended)
