"""The command `nrti redrive`."""

import json
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Literal, Optional

import typer

from nrti_cli.commands.options import addressed
from nrti_cli.console import note, out, progress
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nrti_cli.aws.target import Target
    from nrti_cli.deadletters.letter import Letter
    from nrti_cli.deadletters.report import Report
    from nrti_cli.deadletters.sweep import Sweep, Wanted

_OUTCOMES = {"found": "", "redriven": "[green]redriven[/green]", "failing": "[yellow]still failing[/yellow]"}


@addressed
def redrive(
    target: "Target",
    reason: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="Only letters with this reason, such as UnknownModel; repeat it for several."),
    ] = None,
    model: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Only letters with an event for this model."),
    ] = None,
    limit: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="So many letters at most, to try a few first."),
    ] = None,
    rate: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(min=0.001, help="So many events a second at most; as fast as it goes if left out."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what there is, and send nothing.")] = False,
    format_: Annotated[Literal["table", "json"], typer.Option("--format", help="How to print it.")] = "table",
) -> None:
    """Send dead letters through the pipeline again.

    A letter leaves the queue once all of its events are stored, under the keys they always had.
    What fails again for the same reason stays where it is; else a letter with the new reason takes its place.
    Interrupted or killed it loses nothing: letters being handled show up again within two minutes.
    The exit code is 1 if some still fail.
    """
    from nrti_cli.aws.sqs import Queue
    from nrti_cli.deadletters.report import Report
    from nrti_cli.deadletters.sweep import Sweep, Wanted
    from nrti_cli.stack.outputs import outputs

    stack = outputs(target)
    sweep, report = Sweep(Queue(target, stack.dead_letter_queue_url)), Report()
    letters = islice(_wanted(sweep, Wanted(frozenset(reason or ()), model), report), limit)
    try:
        if dry_run:
            for letter in letters:
                report.found(letter)
        else:
            _redrive(target, sweep, letters, rate, report)
    finally:
        sweep.end()
        _show(report, format_)
    if report.total("failing")[0]:
        raise NrtiError(
            "{:,} letters with {:,} events still fail".format(*report.total("failing")),
            hint="correct what they say is wrong, then nrti redrive again",
        )


def _wanted(sweep: "Sweep", wanted: "Wanted", report: "Report") -> "Iterator[Letter]":
    for letter in sweep.letters():
        if wanted(letter):
            yield letter
        else:
            report.passed_over += 1


def _redrive(
    target: "Target", sweep: "Sweep", letters: "Iterator[Letter]", rate: float | None, report: "Report"
) -> None:
    from nrti_cli.aws.items import Items
    from nrti_cli.aws.stepfunctions import Workflow
    from nrti_cli.deadletters.attempt import Attempt
    from nrti_cli.deadletters.redrive import Pace
    from nrti_cli.deadletters.redrive import redrive as run
    from nrti_cli.stack.outputs import outputs

    stack = outputs(target)
    attempt = Attempt(Workflow(target, stack.state_machine_arn), Items(target, stack.table))
    with progress("redriving …") as shown:

        def tell() -> None:
            shown.update(
                "{:,} letters redriven, {:,} still fail".format(
                    report.total("redriven")[0], report.total("failing")[0]
                )
            )

        run(sweep, letters, attempt, Pace(rate), report, tell)


def _show(report: "Report", format_: str) -> None:
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
