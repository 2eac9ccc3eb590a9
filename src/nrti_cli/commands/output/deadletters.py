"""The output of `nrti redrive`: dead letters by outcome, as a table or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nrti_cli.console import note
from nrti_cli.counts import show_count

if TYPE_CHECKING:
    from nrti_cli.deadletters.report import Report

_OUTCOMES = {
    "found": "",
    "redriven": "[green]redriven[/green]",
    "failing": "[yellow]still failing[/yellow]",
    "dropped": "dropped",
}


def show(report: Report, format_: str) -> None:
    """Prints the report; if there are no letters, a note on stderr."""
    rows = [
        {
            "outcome": line.outcome,
            "reason": line.reason,
            "model": line.model,
            "letters": report.letters[line],
            "events": report.events[line],
            "cause": report.causes.get(line, ""),
        }
        for line in report.lines()
    ]
    if format_ == "json":
        counts = {name: getattr(report, name) for name in ("kept", "passed_over", "beyond_limit", "held")}
        print(json.dumps({"lines": rows, **counts}, indent=2))
        return
    if rows:
        _show_table(rows)
    elif not report.held:
        note("no dead letters" if not report.passed_over else "no dead letters of that kind")
    if report.kept:
        note(f"of these, {show_count(report.kept, 'letter')} kept in S3, because the queue refused them")
    if report.passed_over:
        note(f"[dim]skipped {show_count(report.passed_over, 'other')}[/dim]")
    if report.beyond_limit:
        note(f"[dim]not read, beyond the limit: {show_count(report.beyond_limit, 'other')}[/dim]")


def _show_table(rows: list[dict[str, object]]) -> None:
    from rich.text import Text

    from nrti_cli.commands.output.rows import Head, show_table

    show_table(
        [
            *map(Head, ("outcome", "reason", "model")),
            *(Head(name, number=True) for name in ("letters", "events")),
            Head("example"),
        ],
        [
            [
                Text.from_markup(_OUTCOMES[str(row["outcome"])]),
                *(str(row[name]) for name in ("reason", "model")),
                *(f"{row[name]:,}" for name in ("letters", "events")),
                str(row["cause"]),
            ]
            for row in rows
        ],
    )
