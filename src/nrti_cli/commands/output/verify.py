"""The output of `nrti verify`: a table, or a record for JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from nrti_cli.commands.output.rows import Head, show_table
from nrti_cli.console import note, out
from nrti_cli.deadletters.undone import held
from nrti_cli.events import RESCORED

if TYPE_CHECKING:
    from nrti_cli.verify.account import Account
    from nrti_cli.verify.places import TimeRange

#: How many missing events, and how many groups, a table shows.
_NAMED, _GROUPS = 10, 50
#: Events of a ledger that are not looked for.
_DELETED = {
    "expired": "accepted longer ago than the retention; not looked for",
    "forgotten": "deleted by nrti forget; not looked for",
}
#: The figures by their column heads.
_COLUMNS = {
    "accepted": "accepted",
    "stored": "stored",
    "dead": "dead",
    "missing": "missing",
    "in lake": "delivered",
    "late": "undelivered",
    "double": "duplicates",
}


def record(account: Account, range_: TimeRange, executions: int | None) -> dict[str, Any]:
    """All figures. Without a ledger the number of accepted events, and of missing ones, is unknown."""
    return {
        "first": range_.first,
        "last": range_.last,
        "executions": executions,
        **asdict(account.figures()),
        "accepted": _accepted(account),
        **({} if account.has_ledger else {"missing": None}),
        **{reason: account.deleted[reason] for reason in _DELETED},
        "held_letters": account.unread_letters,
        "reasons": dict(account.reasons()),
        "groups": [
            {"sensor": sensor, "model": model, **asdict(figures)}
            for (sensor, model), figures in account.groups().items()
        ],
        "missing_events": [
            {"sensor": sensor, "event_key": key, "event_id": _event_id(key), "missing_in": where}
            for (sensor, key), where in account.missing()
        ],
    }


def _accepted(account: Account) -> int | None:
    """The number of events in the ledger, with those that are not looked for; None without a ledger."""
    return account.figures().accepted + account.deleted.total() if account.has_ledger else None


def _event_id(key: str) -> str:
    """The event id in a key `<time>#<event id>#<model>`, which may end in `#rescored`."""
    return key.removesuffix(RESCORED).partition("#")[2].rpartition("#")[0]


def show(account: Account, range_: TimeRange, executions: int | None) -> None:
    """Prints the figures with their sources, then by sensor and model, then the missing events."""
    first, last = (datetime.fromtimestamp(at / 1000, UTC) for at in (range_.first, range_.last))
    if account.events or not account.has_ledger:
        note(f"[dim]events from {first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S} UTC[/dim]")
    if not account.has_ledger:
        note("[dim]without a ledger, the number of accepted events is unknown[/dim]")
    for name, count, source in _sources(account, executions):
        out().print(f"{name:<14} {count:>10,}  [dim]{escape(source)}[/dim]", soft_wrap=True)
    groups = account.groups()
    if 1 < len(groups) <= _GROUPS:
        _show_groups(account)
    for (sensor, key), where in islice(account.missing(), _NAMED):
        out().print(f"not in the {where}: {escape(sensor)} {escape(key)}", soft_wrap=True)
    if (left := sum(1 for _ in account.missing()) - _NAMED) > 0:
        note(f"[dim]and {left:,} more (--format json lists all)[/dim]")
    # With a ledger their events are missing, which is an error.
    for problem in held(0 if account.has_ledger else account.unread_letters):
        note(f"[yellow]{problem.what}[/yellow], and their events are not counted: {problem.hint}")


def _sources(account: Account, executions: int | None) -> list[tuple[str, int, str]]:
    figures = account.figures()
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in account.reasons().most_common())
    accepted = (
        ("accepted", _accepted(account) or 0, "events, from the ledger")
        if account.has_ledger
        else ("executions", executions or 0, "one for each request or redrive, from CloudWatch")
    )
    return [
        accepted,
        *(
            (reason, account.deleted[reason], why)
            for reason, why in _DELETED.items()
            if account.deleted[reason]
        ),
        ("stored", figures.stored, "items in the table"),
        ("dead-lettered", figures.dead, f"events in dead letters{': ' if reasons else ''}{reasons}"),
        *(
            [("missing", figures.missing, "accepted, but neither stored nor dead-lettered")]
            if account.has_ledger
            else []
        ),
        ("in the lake", figures.delivered, "events, from Athena"),
        ("undelivered", figures.undelivered, "stored, but not in the lake"),
        ("duplicates", figures.duplicates, "additional rows in the lake for the same event"),
    ]


def _show_groups(account: Account) -> None:
    unknown = set() if account.has_ledger else {"accepted", "missing"}
    columns = {head: name for head, name in _COLUMNS.items() if name not in unknown}
    show_table(
        [Head("sensor"), Head("model"), *(Head(name, number=True) for name in columns)],
        [
            [sensor, model, *(f"{asdict(figures)[name]:,}" for name in columns.values())]
            for (sensor, model), figures in account.groups().items()
        ],
    )
