"""The words of an alert, and the JSON that the receivers of webhooks take."""

from __future__ import annotations

from typing import Any

from .rules import Rule, span
from .transitions import Change

#: So many sensors or models are named in one message.
_NAMED = 10
#: The limit of SNS for the subject of an e-mail.
_SUBJECT_CHARACTERS = 100
#: Microsoft Teams takes cards only, at hosts of these domains.
_TEAMS = (".logic.azure.com", ".api.powerplatform.com", ".webhook.office.com")


def began(rule: Rule, stack: str, change: Change) -> str:
    """The message when alerts begin."""
    return _lines(f"Alert of stack {stack}: {_title(rule)}", list(change.began.items()))


def ended(rule: Rule, stack: str, change: Change, note: str, now: int) -> str:
    """The message when alerts are over."""
    rows = [(name, f"after {span((now - since) // 1000)}") for name, since in change.ended.items()]
    text = _lines(f"Over, stack {stack}: {_title(rule)}", rows)
    return f"{text}; now {note}" if note and list(change.ended) == [""] else text


def test(rule: Rule, stack: str) -> str:
    """The message of `nrti alert test`."""
    return f"Test message of stack {stack}: {_title(rule)}"


def _title(rule: Rule) -> str:
    return f"{rule.condition}, {rule.subject}"


def _lines(title: str, rows: list[tuple[str, str]]) -> str:
    shown = [f"{name}: {text}" if name else text for name, text in rows[:_NAMED]]
    if left := len(rows) - _NAMED:
        shown += [f"and {left} more"] if left > 0 else []
    return f"{title}: {shown[0]}" if len(shown) == 1 else "\n".join([title, *shown])


def subject(text: str) -> str:
    """The first line of a message as the subject of an e-mail: SNS takes ASCII only."""
    line = text.splitlines()[0][:_SUBJECT_CHARACTERS].rstrip()
    return "".join(each if " " <= each <= "~" else "?" for each in line)


def payload(host: str, text: str) -> dict[str, Any]:
    """What a webhook gets: an adaptive card for Microsoft Teams, `text` for Slack and all others."""
    if not host.lower().endswith(_TEAMS):
        return {"text": text}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": [{"type": "TextBlock", "text": line, "wrap": True} for line in text.splitlines()],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}
