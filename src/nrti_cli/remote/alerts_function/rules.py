"""The alert rules, as `alerts/rules.json` has them. The command line imports this file, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

RULES_KEY, STATE_KEY = "alerts/rules.json", "alerts/state.json"
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
#: What each kind is called in messages.
_NAMES = {
    "failure-rate": "failure rate",
    "silence": "silence",
    "dead-letters": "dead letters",
    "recall": "recall",
    "drift": "drift",
}


@dataclass(frozen=True)
class Rule:
    """A condition, and where its messages go.

    Attributes:
        id: derived from the condition, so that adding a rule twice gives one rule.
        kind: failure-rate, silence, dead-letters, recall or drift.
        added_at: epoch milliseconds.
        threshold: share of failures above which, or recall below which, the alert begins.
        seconds: length of the window, or of the silence.
        sensor: None for all sensors.
        model: None for all models.
        cooldown: seconds after the end of an alert in which no other begins.
        host: of the webhook; None without one.
        parameter: the name of the SSM parameter with the webhook's address.
    """

    id: str
    kind: str
    added_at: int
    threshold: float | None = None
    seconds: float | None = None
    sensor: str | None = None
    model: str | None = None
    cooldown: float = 900.0
    host: str | None = None
    parameter: str | None = None

    @property
    def condition(self) -> str:
        """Such as `failure rate >5% in 10m`."""
        name = _NAMES[self.kind]
        if self.kind == "silence":
            return f"{name} {span(self.seconds or 0)}"
        if self.threshold is None:
            return name
        sign = "<" if self.kind == "recall" else ">"
        return f"{name} {sign}{percent(self.threshold)} in {span(self.seconds or 0)}"

    @property
    def subject(self) -> str:
        """What it watches: a sensor, a model, both, or everything."""
        named = [self.sensor or "", f"model {self.model}" if self.model else ""]
        everything = {"dead-letters": "all", "drift": "all models"}.get(self.kind, "all sensors")
        return ", ".join(filter(None, named)) or everything

    def document(self) -> dict[str, Any]:
        """The rule for JSON."""
        return asdict(self)


def rule_of(document: Mapping[str, Any]) -> Rule:
    """The rule in a document; fields that a later release added are ignored."""
    known = {field.name for field in fields(Rule)}
    return Rule(**{name: value for name, value in document.items() if name in known})


def span(seconds: float) -> str:
    """A duration as it is written in rules: `10m`, `1h30m`."""
    rest, parts = round(seconds), []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def percent(share: float) -> str:
    """A share as a percentage with up to three significant digits."""
    return f"{100 * share:.3g}%"
