"""The output of `nrti alert list` and `nrti alert test`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape

from nrti_cli.console import out

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nrti_cli.alerts.report import Alert
    from nrti_cli.remote.alerts_function.rules import Rule

_COLOURS = {"active": "bold red", "ok": "green", "unknown": "yellow"}
_INDENT = " " * 8


def described(rule: Rule) -> dict[str, Any]:
    """A rule for JSON, without the name of the secret."""
    document = {name: value for name, value in rule.document().items() if name != "parameter"}
    return {**document, "condition": rule.condition}


def record(alert: Alert) -> dict[str, Any]:
    """A rule with its state, for JSON."""
    return {
        **described(alert.rule),
        "state": alert.state,
        "since": alert.since,
        "active": [{"subject": name, "since": at} for name, at in alert.active.items()],
        "note": alert.note,
        "problem": alert.problem,
        "evaluated_at": alert.evaluated_at,
        "sent": {name: {"at": last.at, "answer": last.answer} for name, last in alert.sent.items()},
        "waiting": alert.waiting,
    }


def show(found: Iterable[Alert]) -> None:
    """Prints each rule with its state, its current value and its last messages."""
    for alert in found:
        rule, since = alert.rule, alert.since
        begun = f" since {since:%Y-%m-%d %H:%M:%S} UTC" if since else ""
        state = f"[{_COLOURS[alert.state]}]{alert.state:<7}[/]"
        _line(f"{state} {escape(f'{rule.condition}, {rule.subject}')}{begun}  [dim]{rule.id}[/dim]")
        for line in _details(alert):
            _line(f"{_INDENT}{escape(line)}")


def _details(alert: Alert) -> list[str]:
    named = [name for name in alert.active if name]
    channels = dict.fromkeys([*alert.sent, *(["webhook"] if alert.rule.host else [])])
    return [
        *([f"now: {alert.problem or alert.note}"] if alert.problem or alert.note else []),
        *([f"active: {', '.join(named)}"] if named else []),
        *(_channel(alert, name) for name in channels),
        *([f"{alert.waiting} messages are still to be sent"] if alert.waiting else []),
    ]


def _channel(alert: Alert, name: str) -> str:
    where = f"{name} {alert.rule.host}" if name == "webhook" and alert.rule.host else name
    last = alert.sent.get(name)
    return f"{where}: {last.answer} at {last.at:%H:%M:%S}" if last else f"{where}: nothing sent yet"


def show_trials(trials: Iterable[Mapping[str, Any]]) -> None:
    """Prints what came of each test message."""
    for trial in trials:
        where = f"{trial['channel']} {trial['host']}" if trial["channel"] == "webhook" else trial["channel"]
        colour = "green" if trial["delivered"] else "red"
        _line(f"{trial['rule']}  {where}: [{colour}]{escape(trial['answer'])}[/]")


def _line(text: str) -> None:
    out().print(text, soft_wrap=True)
