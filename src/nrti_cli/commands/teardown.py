"""The command `nrti teardown`."""

from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.commands.options.common import VerboseOption, addressed_by
from nrti_cli.commands.options.confirmation import YesOption, confirm
from nrti_cli.commands.options.formats import FormatOption, print_json
from nrti_cli.console import err, note, out, progress

if TYPE_CHECKING:
    from rich.console import Console

    from nrti_cli.aws.target import Target
    from nrti_cli.stack.delete import Teardown
    from nrti_cli.stack.inventory import Inventory


def _embedded_aws() -> str:
    """The address of the embedded AWS, which is started if it has a state; empty if it does not exist."""
    from nrti_cli.embedded import files
    from nrti_local import process

    return process.start(files()).endpoint_url if process.exists(files()) else ""


@addressed_by(_embedded_aws)
def teardown(
    target: "Target",
    yes: YesOption = False,
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Keep the table and the lake; bootstrap imports them again.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be deleted, without deleting it.")
    ] = False,
    verbose: VerboseOption = False,
    format_: FormatOption = "table",
) -> None:
    """Delete the stack and everything in it, including data.

    This includes endpoints, models and buckets with their contents; locally, the embedded AWS too.
    """
    from nrti_cli.stack.inventory import Inventory

    found, last = Inventory(), False
    if target.name == "local" and not target.endpoint_url:
        note("nothing to delete: there is no embedded AWS, so no stack")
    else:
        found, last = _tear_down(target, yes=yes, keep_data=keep_data, dry_run=dry_run, verbose=verbose)
    if not dry_run:
        _forget(target)
    if format_ == "json":
        print_json(_record(target, found, embedded_aws=last, deleted=not dry_run))
    elif dry_run and (found or last):
        _show(found, last, "would", out())
    if dry_run and (found or last):
        note("nothing was deleted")


def _record(target: "Target", found: "Inventory", *, embedded_aws: bool, deleted: bool) -> dict[str, object]:
    return {
        "target": target.name,
        "stack": target.stack,
        "deleted": deleted,
        "resources": [each.physical_id for each in found.resources],
        "sagemaker": [{"kind": each.kind, "name": each.name} for each in found.sagemaker],
        "buckets": dict(found.buckets),
        "tables": found.tables,
        "log_groups": found.log_groups,
        "secrets": found.secrets,
        "kept": [each.physical_id for each in found.kept],
        "embedded_aws": embedded_aws,
    }


def _tear_down(
    target: "Target", *, yes: bool, keep_data: bool, dry_run: bool, verbose: bool
) -> "tuple[Inventory, bool]":
    """Deletes; returns what was found, and whether that includes the embedded AWS itself."""
    from nrti_cli.stack.delete import Teardown
    from nrti_cli.stack.inventory import Finder
    from nrti_cli.stack.poll_interval import PollInterval

    finder = Finder(target, keep_data=keep_data)
    found = finder.find()
    last = target.name == "local" and not found.kept and finder.is_last_stack()
    if not found:
        note(f"stack {target.stack} has nothing to delete")
    if found or last:
        if dry_run:
            return found, last
        if verbose or not yes:  # else a summary follows at the end
            _show(found, last, "will", err())
        confirm(_question(target), "the deletion", yes=yes)
    if found:
        _delete(Teardown(target, finder, PollInterval.of(target)), found, verbose=verbose)
    if found.kept:
        note(f"[bold]kept[/bold]: {found.keeps()}; bootstrap imports them again, teardown deletes them")
    if last:
        _destroy_embedded_aws()
    return found, last


def _question(target: "Target") -> str:
    """Asks for confirmation; names the target if the command line did not: the user may mean another."""
    why = {
        "named": "",
        "environment": f" on {target.place}, the target of NRTI_TARGET",
        "remembered": f" on {target.place}, the target remembered from nrti bootstrap",
        "default": f" on {target.place}, the default target",
    }
    return f"Delete stack {target.stack}{why[target.origin]}?"


def _show(found: "Inventory", last: bool, verb: str, console: "Console") -> None:
    lines = [f"This {verb} be deleted{':' if found.kept else ', including data:'}"]
    lines += [f"  {line}" for line in found.lines()]
    if last:
        lines.append("  the embedded AWS itself, with its state")
    if found.kept:
        lines.append(f"This {verb} be kept: {found.keeps()}")
    console.print("\n".join(lines), soft_wrap=True)


def _delete(teardown: "Teardown", found: "Inventory", *, verbose: bool) -> None:
    from nrti_cli.commands.output.steps import Groups

    with progress("deleting") as shown:
        groups = Groups(shown, "deleting", verbose=verbose)
        groups.expect(f"deleting {found.summary()}", found.types())
        for gone in teardown.delete(found):
            groups.take(gone)
        groups.end()
    left = "nothing else is left" if found.kept else "nothing is left"
    err().print(f"[green]deleted[/green]: {found.summary()}; {left}")  # wraps between words


def _destroy_embedded_aws() -> None:
    from nrti_cli.embedded import files
    from nrti_local import process

    if process.destroy(files()):
        note("[green]deleted[/green]: the embedded AWS and its state")


def _forget(target: "Target") -> None:
    """Later commands no longer address the stack; the embedded AWS, if it goes on running, stays known."""
    from nrti_cli.aws.addressing import forget, is_remembered, relocate
    from nrti_cli.completion import answers
    from nrti_cli.embedded import files
    from nrti_local import process

    answers.forget()
    local = target.name == "local"
    running = process.running(files()) if local else None
    if (local and not running) or is_remembered(target, target.name):
        forget(target.name)
    if running:
        relocate(running.endpoint_url)
