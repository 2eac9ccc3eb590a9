"""Evaluates all rules, and puts the messages of alerts that begin or end into the outbox."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import messages, outbox
from .channels import Channels
from .deadletters import DeadLetters
from .drift_rule import Drift
from .lake import Lake, LakeError
from .rate import Tally, rates
from .readings import Reading
from .recall import recall
from .rules import Rule
from .sensors import learn
from .silence import silence
from .store import State
from .table import Table
from .transitions import follow

#: The kinds that read the table, sensor by sensor.
_BY_SENSOR = {"failure-rate", "silence"}


@dataclass(frozen=True)
class Sources:
    """What the rules are evaluated from."""

    table: Table
    lake: Lake
    dead_letters: DeadLetters
    drift: Drift


def evaluate(
    rules: Sequence[Rule], state: State, sources: Sources, channels: Channels, stack: str, now: int
) -> None:
    """Evaluates the rules and updates the state, without sending anything.

    Args:
        rules: all of them; the state of others is dropped.
        state: is updated.
        sources: of the figures.
        channels: those that each rule has.
        stack: its name, for the messages.
        now: epoch milliseconds.
    """
    former = state.get("rules", {})
    kept = {rule.id: _of_rule(rule, former.get(rule.id, {})) for rule in rules}
    state.update(rules=kept, evaluated_at=now)
    state["outbox"] = [each for each in state.get("outbox", ()) if each["rule"] in kept]
    problems: dict[str, str] = {}
    for rule, reading in _readings(rules, state, sources, now, problems):
        change = follow(rule, kept[rule.id], reading, now)
        if change.began:
            outbox.add(state, rule.id, channels.of(rule), messages.began(rule, stack, change))
        if change.ended:
            text = messages.ended(rule, stack, change, reading.note, now)
            outbox.add(state, rule.id, channels.of(rule), text)
    for rule in rules:
        kept[rule.id]["problem"] = problems.get(rule.id, "")


def _of_rule(rule: Rule, former: dict[str, Any]) -> dict[str, Any]:
    """The state of a rule; a new one if the rule was removed and added again."""
    return former if former.get("added_at") == rule.added_at else {"added_at": rule.added_at}


def _readings(
    rules: Sequence[Rule], state: State, sources: Sources, now: int, problems: dict[str, str]
) -> Iterator[tuple[Rule, Reading]]:
    """What each rule found; rules that are not due are left out, and so are those with a problem."""
    sensors = _sensors(rules, state, sources.lake, now, problems)
    figures = {rule.id: state["rules"][rule.id].setdefault("figures", {}) for rule in rules}
    tallies = {rule.id: Tally(rule, figures[rule.id], now) for rule in rules if rule.kind == "failure-rate"}
    counted = rates(tallies, {rule: sensors[rule] for rule in tallies}, sources.table, now)
    for rule in rules:
        try:
            reading = counted.get(rule.id) or _read(rule, figures[rule.id], sensors, sources, now)
        except LakeError as error:
            problems[rule.id] = str(error)
            continue
        if reading is not None:
            yield rule, reading


def _read(
    rule: Rule, figures: dict[str, Any], sensors: Mapping[str, Collection[str]], sources: Sources, now: int
) -> Reading | None:
    match rule.kind:
        case "silence":
            return silence(rule, figures, sensors[rule.id], sources.table, now)
        case "dead-letters":
            return sources.dead_letters.reading()
        case "recall":
            return recall(rule, figures, sources.lake, now)
        case "drift":
            return sources.drift.reading(rule, figures, now)
    return Reading(note=f"this release has no rules of kind {rule.kind}", known=False)


def _sensors(
    rules: Sequence[Rule], state: State, lake: Lake, now: int, problems: dict[str, str]
) -> dict[str, list[str]]:
    """The sensors of each rule that reads the table."""
    mine = [rule for rule in rules if rule.kind in _BY_SENSOR]
    every: list[str] = []
    if any(rule.sensor is None for rule in mine):
        known = state.setdefault("sensors", {})
        try:
            every = learn(known, lake, now)
        except LakeError as error:
            every = list(known["names"])
            problems.update({rule.id: str(error) for rule in mine if rule.sensor is None})
    return {rule.id: every if rule.sensor is None else [rule.sensor] for rule in mine}
