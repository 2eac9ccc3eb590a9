"""What `nrti redrive` prints: dead letters by what became of them, as a table for people, or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nrti_cli.console import note, out

if TYPE_CHECKING:
    from nrti_cli.deadletters.report import Report

_OUTCOMES = {
    "found": "",
    "redriven": "[green]redriven[/green]",
    "failing": "[yellow]still failing[/yellow]",
    "dropped": "dropped",
}


def show(report: Report, format_: str) -> None:
    """Prints what there is to say; on stderr, if that is nothing."""
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
        print(json.dumps({"lines": rows, "passed_over": report.passed_over}, indent=2))
        return
    if rows:
        _show_table(rows)
    else:
        note("no dead letters" if not report.passed_over else "no dead letters of that kind")
    if report.passed_over:
        note(f"[dim]{report.passed_over:,} others were passed over[/dim]")


def _show_table(rows: list[dict[str, object]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("outcome", "reason", "model"):
        table.add_column(name)
    for name in ("letters", "events"):
        table.add_column(name, justify="right")
    table.add_column("for example")
    for row in rows:
        table.add_row(
            _OUTCOMES[str(row["outcome"])],
            escape(str(row["reason"])),
            escape(str(row["model"])),
            f"{row['letters']:,}",
            f"{row['events']:,}",
            escape(str(row["cause"])),
        )
    out().print(table)
