"""The command `nrti status`."""

from typing import TYPE_CHECKING

import typer

from nrti_cli.commands.formats import FormatOption, print_json
from nrti_cli.commands.options import addressed
from nrti_cli.console import out
from nrti_cli.errors import ExitStatus

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.health import Stage

_COLOURS = {"ok": "green", "idle": "dim", "warn": "yellow", "failed": "bold red"}


@addressed
def status(target: "Target", format_: FormatOption = "table") -> None:
    """Show the state of every stage of the pipeline.

    Requests, executions and records are those of the last 15 minutes. The exit code is 1 if a stage failed.
    """
    from nrti_cli.stack.health import health

    stages = [*(_embedded() if target.name == "local" else []), *health(target)]
    if format_ == "json":
        print_json(_record(target, stages))
    else:
        _show(stages)
    if _failed(stages):
        raise typer.Exit(ExitStatus.FAILED)


def _embedded() -> "list[Stage]":
    """A failure of the embedded AWS itself: a full disk.

    Raises:
        LocalError: it does not respond.
    """
    from nrti_cli.embedded import files
    from nrti_cli.stack.health import Stage
    from nrti_local import process

    process.check(files())
    told = process.shortage(files())
    return [Stage("disk", "failed", f"{told}; what needs room is refused")] if told else []


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
