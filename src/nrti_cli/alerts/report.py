"""The rules with their state, for `nrti alert list`, `nrti status` and the dashboard."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from nrti_cli.alerts.book import RuleBook
from nrti_cli.aws.s3.objects import S3
from nrti_cli.remote.alerts_function.rules import STATE_KEY
from nrti_cli.stack.names import artifacts_bucket

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.remote.alerts_function.rules import Rule

State = Literal["active", "ok", "unknown"]


@dataclass(frozen=True)
class Sent:
    """What came of the last message by a channel."""

    at: datetime
    answer: str


@dataclass(frozen=True)
class Alert:
    """A rule and its state.

    Attributes:
        rule: the rule.
        state: `unknown` before its first evaluation, if it cannot be evaluated, and with too little data.
        active: since when, by sensor or model; the key is empty for a rule with a single subject.
        note: the current value.
        problem: why it could not be evaluated; empty if it could.
        evaluated_at: the time of the last evaluation of the rules, None before the first.
        sent: the last message by each channel.
        waiting: messages that are still to be sent.
    """

    rule: Rule
    state: State
    active: Mapping[str, datetime] = field(default_factory=dict)
    note: str = ""
    problem: str = ""
    evaluated_at: datetime | None = None
    sent: Mapping[str, Sent] = field(default_factory=dict)
    waiting: int = 0

    @property
    def since(self) -> datetime | None:
        """The beginning of the oldest alert that is active."""
        return min(self.active.values(), default=None)


def alerts(target: Target) -> list[Alert]:
    """All rules with their state, in the order in which they were added."""
    rules = RuleBook(target).rules()
    found = S3(target).get_tagged(artifacts_bucket(target), STATE_KEY) if rules else None
    document = json.loads(found[0]) if found else {}
    return [_alert(rule, document) for rule in rules]


def _alert(rule: Rule, document: Mapping[str, Any]) -> Alert:
    kept = document.get("rules", {}).get(rule.id)
    if kept is None:
        return Alert(rule, "unknown", note="not evaluated yet")
    active = {name: _time(at) for name, at in kept.get("active", {}).items()}
    problem, note = kept.get("problem", ""), kept.get("note", "")
    is_known = kept.get("known") and not problem
    state: State = "active" if active else "ok" if is_known else "unknown"
    return Alert(
        rule,
        state,
        active,
        note,
        problem,
        _time(document["evaluated_at"]),
        {name: Sent(_time(last["at"]), last["answer"]) for name, last in kept.get("sent", {}).items()},
        sum(message["rule"] == rule.id for message in document.get("outbox", ())),
    )


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
