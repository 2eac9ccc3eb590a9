"""The command `nrti bootstrap`."""

from typing import TYPE_CHECKING, Annotated, Optional

import typer

from nrti_cli.commands.options import addressed_by
from nrti_cli.console import Progress, note, out, progress

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.bringup import BringUp, Notice
    from nrti_cli.stack.deploy import Plan
    from nrti_cli.stack.operation import Step

_PANEL = "The pipeline"


def _embedded_aws() -> str:
    """Starts the embedded AWS unless it runs; returns its address."""
    from nrti_cli.local import process

    with progress("starting the embedded AWS"):
        running = process.start()
    if running.started:
        note(f"embedded AWS started at {running.endpoint_url} (process {running.pid})")
    return running.endpoint_url


@addressed_by(_embedded_aws)
def bootstrap(
    target: "Target",
    buffer_seconds: Annotated[
        Optional[int],  # noqa: UP045 (Typer evaluates it)
        typer.Option(
            min=0,
            max=900,
            help="Seconds that Firehose gathers rows for one object; at first 60, locally 5.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    throttle_rate: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Requests per second that the API takes.", rich_help_panel=_PANEL),
    ] = None,
    throttle_burst: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Requests that the API takes at once.", rich_help_panel=_PANEL),
    ] = None,
    log_retention_days: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(min=1, help="Days after which logs are deleted.", rich_help_panel=_PANEL),
    ] = None,
) -> None:
    """Create the pipeline, bring it up to date, or repair it.

    Run it again at any time: options that are not given keep their values.
    """
    from nrti_cli.aws.target import remember
    from nrti_cli.stack.bringup import BringUp, Settings
    from nrti_cli.stack.pace import Pace

    remember(target)
    settings = Settings(buffer_seconds, throttle_rate, throttle_burst, log_retention_days)
    _watch(target, BringUp(target, settings, Pace.of(target)))
    _show_outputs(target)


def _watch(target: "Target", bring_up: "BringUp") -> None:
    """Shows each resource as it comes up."""
    from nrti_cli.stack.deploy import Plan

    changed = False
    with progress(f"preparing stack {target.stack}") as shown:
        for happened in bring_up.run():
            _show(happened, shown)
            changed = changed or not isinstance(happened, Plan) or bool(happened.change_set)
    if changed:
        note(f"[green]stack {target.stack} is up to date[/green]")
    else:
        note(f"[green]nothing changed[/green]: stack {target.stack} is complete and up to date")


def _show(happened: "Notice | Plan | Step", shown: Progress) -> None:
    from nrti_cli.commands.steps import step_line
    from nrti_cli.stack.bringup import Notice
    from nrti_cli.stack.deploy import Plan

    if isinstance(happened, Notice):
        shown.log(happened.text)
    elif isinstance(happened, Plan):
        doing = "creating" if happened.kind == "CREATE" else "changing"
        shown.update(f"{doing} {len(happened.changes)} resources")
    else:
        shown.log(step_line(happened))


def _show_outputs(target: "Target") -> None:
    from nrti_cli.stack.outputs import outputs

    found = outputs(target)
    rows = {
        "API": f"{target.invoke_url(found.api_id, found.api_stage)}/events",
        "table": found.table,
        "stream": found.stream,
        "lake": f"s3://{found.lake_bucket}/predictions/",
        "database": found.database,
        "workgroup": found.workgroup,
        "dead letters": found.dead_letter_queue_url,
    }
    for name, value in rows.items():
        out().print(f"{name:<13} {value}", soft_wrap=True, markup=False)
    note("next: [bold]nrti train --name failure-v2[/bold], then [bold]nrti produce --rate 1[/bold]")
