"""The command `nrti bootstrap`."""

import os
import time
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nrti_cli.commands.options.common import ON_TOUR, VerboseOption, addressed_by
from nrti_cli.commands.options.confirmation import YesOption, confirm
from nrti_cli.commands.options.formats import Format, FormatOption, print_json
from nrti_cli.console import note, out, progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nrti_cli.aws.target import Target
    from nrti_cli.stack.bringup import BringUp, Notice
    from nrti_cli.stack.deploy import DeploymentPlan
    from nrti_cli.stack.operation import Step
    from nrti_cli.stack.poll_interval import PollInterval
    from nrti_cli.stack.quicksight import Dashboard


_DOING = {"CREATE": "creating", "UPDATE": "updating", "IMPORT": "importing into"}
_DONE = {"CREATE": "created", "UPDATE": "updated", "IMPORT": "created"}


def _embedded_aws() -> str:
    """Starts the embedded AWS unless it is running; returns its address."""
    from nrti_cli.aws.addressing import relocate
    from nrti_cli.embedded import RESTART, files, other_version
    from nrti_local import process

    with progress("starting the embedded AWS") as shown:
        running = process.start(files())
        left = process.await_replay(files(), shown.update)
    if running.started:
        note(f"embedded AWS started at {running.endpoint_url} (process {running.pid})")
    elif other := other_version(running):
        note(f"the embedded AWS {other}: {RESTART}")
    relocate(running.endpoint_url)
    if left:
        note(f"{left}; until then, the API may answer 429")
    return running.endpoint_url


@addressed_by(_embedded_aws)
def bootstrap(
    target: "Target",
    buffer_seconds: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=900,
            help="Seconds that Firehose buffers rows for a file; initially 60, locally 5.",
        ),
    ] = None,
    throttle_rate: Annotated[
        int | None,
        typer.Option(min=1, max=1_000_000, help="Throttle: requests per second."),
    ] = None,
    throttle_burst: Annotated[
        int | None,
        typer.Option(min=1, max=1_000_000, help="Throttle: size of a burst of requests."),
    ] = None,
    log_retention_days: Annotated[
        int | None,
        typer.Option(help="Days until logs are deleted; initially 30."),
    ] = None,
    retention_days: Annotated[
        int | None,
        typer.Option(
            min=0, max=3650, help="Days until predictions and the lake's files are deleted; 0 keeps them."
        ),
    ] = None,
    kinesis_mode: Annotated[
        Literal["ON_DEMAND", "PROVISIONED"] | None,
        typer.Option(help="Capacity mode of the Kinesis stream; initially ON_DEMAND."),
    ] = None,
    kinesis_shards: Annotated[
        int | None,
        typer.Option(min=1, max=10_000, help="Shards of a PROVISIONED stream; initially 1."),
    ] = None,
    tracing: Annotated[
        Literal["on", "off"] | None,
        typer.Option(help="Trace requests with X-Ray; initially off."),
    ] = None,
    access_logs: Annotated[
        Literal["off", "account", "own"] | None,
        typer.Option(
            help="Access logs, written with the account's role or one of the stack's own; initially off.",
        ),
    ] = None,
    alarm_email: Annotated[
        str | None,
        typer.Option(help="E-mail address for alarms; empty disables it."),
    ] = None,
    quicksight_user: Annotated[
        str | None,
        typer.Option(
            metavar="ARN",
            help="Also create a QuickSight dashboard, owned by this user or group.",
        ),
    ] = None,
    quicksight_import: Annotated[
        Literal["DIRECT_QUERY", "SPICE"] | None,
        typer.Option(help="Query Athena directly, or import into SPICE; initially DIRECT_QUERY."),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Show what would change, without changing it.")
    ] = False,
    yes: YesOption = False,
    verbose: VerboseOption = False,
    format_: FormatOption = "table",
) -> None:
    """Create the pipeline, update it, or repair it.

    Run it again at any time: options that are not given keep their values.
    It asks for confirmation if the AWS configuration points to this machine.
    """
    from nrti_cli.stack.bringup import BringUp
    from nrti_cli.stack.poll_interval import PollInterval
    from nrti_cli.stack.settings import StackSettings

    settings = StackSettings(
        buffer_seconds, throttle_rate, throttle_burst, log_retention_days, retention_days,
        kinesis_mode, kinesis_shards, tracing, access_logs, alarm_email,
    )  # fmt: skip
    poll = PollInterval.of(target)
    bring_up = BringUp(target, settings, poll)
    dashboard = _dashboard(target, quicksight_user, quicksight_import, poll)
    if plan:
        _preview(target, bring_up, dashboard, format_)
        return
    _confirm_address(target, yes=yes)
    with _way_back(target), _alone(target):
        done = _watch(target.stack, bring_up.run(), verbose=verbose)
        if dashboard:
            _watch(f"{target.stack}-quicksight", dashboard.run(), verbose=verbose)
    _remember(target)
    _show_outputs(target, done, format_)


def _confirm_address(target: "Target", *, yes: bool) -> None:
    """Asks if `aws` is this machine: the settings of `nrti local env` may still be set."""
    from nrti_cli.aws.addresses import described, is_loopback

    if here := {service: at for service, at in target.addresses.items() if is_loopback(at)}:
        at = described(here)
        confirm(
            f"By your configuration, AWS is on this machine ({at}). Deploy there?",
            f"deploying to this machine ({at})",
            yes=yes,
        )


@contextmanager
def _way_back(target: "Target") -> "Iterator[None]":
    """After a failure, shows how to delete what was created, unless a plain teardown does it."""
    from nrti_cli.aws.addressing import is_remembered

    try:
        yield
    except BaseException:
        if not is_remembered(target):
            note("this target is not remembered; delete what was created, if anything, with:")
            note(f"  nrti teardown {target.options}")
        raise


def _remember(target: "Target") -> None:
    """Makes this the target of later commands, and reports it if they addressed another one."""
    from nrti_cli.aws.addressing import is_remembered, remember, remembered

    before = remembered()
    if before and before.origin == "remembered" and not is_remembered(target):
        note(f"later commands address {target.options}")
        note(f"  previously {before.options}")
    remember(target)


def _alone(target: "Target") -> AbstractContextManager[None]:
    """A lock for the embedded AWS; on AWS, CloudFormation itself excludes concurrent operations."""
    if target.name == "aws":
        return nullcontext()
    from nrti_cli.embedded import files
    from nrti_local import process

    return process.deploying(files())


def _dashboard(
    target: "Target", user: str | None, mode: Literal["DIRECT_QUERY", "SPICE"] | None, poll: "PollInterval"
) -> "Dashboard | None":
    if not (user or mode):
        return None
    from nrti_cli.stack.quicksight import Dashboard, check_region, check_user

    check_user(target, user)
    check_region(target)
    return Dashboard(target, user, mode, poll)


def _preview(target: "Target", bring_up: "BringUp", dashboard: "Dashboard | None", format_: Format) -> None:
    """Prints the resources that would change."""
    from dataclasses import asdict

    from nrti_cli.commands.output.steps import change_line
    from nrti_cli.counts import show_count
    from nrti_cli.stack.bringup import Notice

    plans = []
    with progress(f"comparing stack {target.stack}") as shown:
        for found in bring_up.preview():
            if isinstance(found, Notice):
                shown.log(found.text)
            else:
                plans.append(found)
        if dashboard and any(each.kind == "UPDATE" for each in plans):
            plans += dashboard.preview()
        elif dashboard:
            shown.log("the dashboard's stack would follow")
    listed = [change for each in plans for change in each.listed]
    changes = [change for each in plans for change in each.changes]
    if format_ == "json":
        print_json(
            {"target": target.name, "stack": target.stack, "changes": [asdict(each) for each in listed]}
        )
    else:
        for change in changes:
            out().print(change_line(change), soft_wrap=True, markup=False)
    note(f"{show_count(len(changes), 'resource')} would change; nothing was changed")
    if others := len(listed) - len(changes):
        only = f"{show_count(others, 'resource')} that only refer to these"
        note(f"not counted: {only}; one changes if an attribute that it uses does")


def _watch(stack: str, happening: "Iterable[Notice | DeploymentPlan | Step]", *, verbose: bool) -> str:
    """Shows the progress; returns what was done, empty if nothing changed."""
    from nrti_cli.commands.output.steps import Groups
    from nrti_cli.stack.bringup import Notice
    from nrti_cli.stack.deploy import DeploymentPlan

    began, done = time.monotonic(), ""
    with progress(f"preparing stack {stack}") as shown:
        groups = Groups(shown, f"preparing stack {stack}", verbose=verbose)
        for happened in happening:
            if isinstance(happened, Notice):
                shown.log(happened.text)
            elif isinstance(happened, DeploymentPlan):
                doing = f"{_DOING[happened.kind]} stack {stack}: {len(happened.changes)} resources"
                groups.expect(doing, [change.type for change in happened.changes])
                done = _DONE[happened.kind] if happened.change_set and done != "created" else done
            else:
                groups.take(happened)
                done = done or "repaired"
        groups.end()
    if done:
        note(f"[green]{done}[/green]: stack {stack}, in {time.monotonic() - began:.1f} s")
    else:
        note(f"[green]nothing changed[/green]: stack {stack} is complete and up to date")
    return done


def _show_outputs(target: "Target", done: str, format_: Format) -> None:
    from dataclasses import asdict

    from nrti_cli.stack.outputs import outputs

    found = outputs(target)
    if format_ == "json":
        urls = {f"{route}_url": found.api_url(target, route) for route in ("events", "predictions")}
        print_json(
            {"target": target.name, "stack": target.stack, "done": done or "nothing", **urls, **asdict(found)}
        )
        return
    rows = {
        "API": found.api_url(target, "events"),
        "table": f"{found.table}, its stream {found.stream}",
        "lake": f"s3://{found.lake_bucket}/predictions/",
        "Athena": f"database {found.database}, workgroup {found.workgroup}",
        "dead letters": found.dead_letter_queue_url,
    }
    for name, value in rows.items():
        out().print(f"{name:<13} {value}", soft_wrap=True, markup=False)
    if ON_TOUR not in os.environ:
        note("next: [bold]nrti train --name failure-v2[/bold], then [bold]nrti produce --rate 1[/bold]")
