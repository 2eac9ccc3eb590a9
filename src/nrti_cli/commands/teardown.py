"""The command `nrti teardown`."""

from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.commands.confirmation import YesOption, confirm
from nrti_cli.commands.options import addressed_by
from nrti_cli.console import note, progress

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.delete import Teardown
    from nrti_cli.stack.inventory import Inventory


def _embedded_aws() -> str:
    """The address of the embedded AWS, or nothing if there is none; it is started if it has a state."""
    from nrti_cli.local import process

    return process.start().endpoint_url if process.exists() else ""


@addressed_by(_embedded_aws)
def teardown(
    target: "Target",
    yes: YesOption = False,
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Leave the table and the lake; bootstrap takes them in again.")
    ] = False,
) -> None:
    """Delete everything that has the stack's name, data included.

    That is the stack, endpoints and models, and buckets with what they hold; locally the embedded AWS too.
    """
    if target.name == "local" and not target.endpoint_url:
        note("nothing to tear down: there is no embedded AWS, hence no stack")
    else:
        _tear_down(target, yes, keep_data)
    _forget(target)


def _tear_down(target: "Target", yes: bool, keep_data: bool) -> None:
    from nrti_cli.stack.delete import Teardown
    from nrti_cli.stack.inventory import Finder
    from nrti_cli.stack.pace import Pace

    finder = Finder(target, keep_data=keep_data)
    found = finder.find()
    last = target.name == "local" and not found.kept and finder.is_last_stack()
    if not found:
        note(f"nothing of stack {target.stack} is to be deleted")
    if found or last:
        _show(found, last)
        confirm(f"Delete stack {target.stack}?", "the deletion", yes=yes)
    if found:
        _delete(Teardown(target, finder, Pace.of(target)), found)
    if found.kept:
        note(f"[bold]kept[/bold]: {found.keeps()}; bootstrap takes them in again, teardown deletes them")
    if last:
        _destroy_embedded_aws()


def _show(found: "Inventory", last: bool) -> None:
    note("This will be deleted:" if found.kept else "This will be deleted, data included:")
    for line in found.lines():
        note(f"  {line}")
    if last:
        note("  the embedded AWS itself, with its state")
    if found.kept:
        note(f"This will stay: {found.keeps()}")


def _delete(teardown: "Teardown", found: "Inventory") -> None:
    from nrti_cli.commands.steps import step_line

    with progress(f"deleting {found.summary()}") as shown:
        for gone in teardown.delete(found):
            shown.log(f"{'deleted':<15}  {gone}" if isinstance(gone, str) else step_line(gone))
    left = "nothing else is left" if found.kept else "nothing is left"
    note(f"[green]deleted[/green]: {found.summary()}; {left}")


def _destroy_embedded_aws() -> None:
    from nrti_cli.local import process

    if process.destroy():
        note("[green]deleted[/green]: the embedded AWS and its state")


def _forget(target: "Target") -> None:
    """Later commands shall not address what is gone; an embedded AWS that goes on is still there."""
    from nrti_cli.aws.target import DEFAULT_STACK, Target, forget, remember, remembered
    from nrti_cli.local import process

    last = remembered()
    if not last or (last.name, last.stack) != (target.name, target.stack):
        return
    running = process.running() if target.name == "local" else None
    if running:
        remember(Target(name="local", stack=DEFAULT_STACK, endpoint_url=running.endpoint_url))
    else:
        forget()
