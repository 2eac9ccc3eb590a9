"""The command `nrti status`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.commands.options.common import addressed
from nrti_cli.commands.options.formats import FormatOption, print_json
from nrti_cli.console import out, takes_escapes
from nrti_cli.errors import ExitStatus, UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.stage import Stage

_COLOURS = {"ok": "green", "idle": "dim", "warn": "yellow", "failed": "bold red"}


@addressed
def status(
    target: "Target",
    format_: FormatOption = "table",
    watch: Annotated[
        bool, typer.Option("--watch", help="Refresh in place: rates, latency and failures by sensor.")
    ] = False,
) -> None:
    """Show the state of every stage of the pipeline.

    Requests, executions and records are those of the last 15 minutes. The exit code is 1 if a stage failed.
    """
    from nrti_cli.stack.health import health
    from nrti_cli.stack.outputs import outputs

    if watch:
        _watch(target, format_)
        return
    stages = [*(_embedded() if target.name == "local" else []), *health(target, outputs(target))]
    if format_ == "json":
        print_json(_record(target, stages))
    else:
        _show(stages)
    if _failed(stages):
        raise typer.Exit(ExitStatus.FAILED)


def _watch(target: "Target", format_: str) -> None:
    if format_ == "json":
        raise UsageError("--watch is for people", hint="repeat nrti status --format json in a loop")
    if not takes_escapes(sys.stdout):
        raise UsageError("--watch needs a terminal with escape sequences", hint="leave it out")
    from nrti_cli.commands.status_watch import watch
    from nrti_cli.stack.outputs import outputs

    watch(target, outputs(target))


def _embedded() -> "list[Stage]":
    """A failure of the embedded AWS itself: a full disk.

    Raises:
        LocalError: it does not respond.
    """
    from nrti_cli.embedded import files
    from nrti_cli.stack.stage import Stage
    from nrti_local import process

    process.check(files())
    shortage = process.shortage(files())
    return [Stage("disk", "failed", f"{shortage}; writes are refused")] if shortage else []


def _failed(stages: "list[Stage]") -> bool:
    return any(stage.state == "failed" for stage in stages)


def _record(target: "Target", stages: "list[Stage]") -> dict[str, object]:
    return {
        "target": target.name,
        "stack": target.stack,
        "healthy": not _failed(stages),
        "stages": [
            {"name": stage.name, "state": stage.state, "reason": stage.reason, **stage.figures}
            for stage in stages
        ],
    }


def _show(stages: "list[Stage]") -> None:
    from rich.markup import escape

    for stage in stages:
        state = f"[{_COLOURS[stage.state]}]{stage.state:<6}[/]"
        out().print(f"{stage.name:<13} {state}  {escape(stage.reason)}", soft_wrap=True)
        if "address" in stage.figures:
            out().print(f"{'':<13} {stage.figures['address']}", soft_wrap=True, markup=False)
