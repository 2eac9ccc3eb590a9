"""The command `nrti teardown`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.commands.options import addressed_by
from nrti_cli.console import note, progress
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.delete import Inventory, Teardown


def _embedded_aws() -> str:
    """The address of the embedded AWS, or nothing if there is none; it is started if it has a state."""
    from nrti_cli.local import process

    return process.start().endpoint_url if process.exists() else ""


@addressed_by(_embedded_aws)
def teardown(
    target: "Target",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete everything that has the stack's name, data included.

    That is the stack, endpoints and models, and buckets with what they hold; locally the embedded AWS too.
    """
    if target.name == "local" and not target.endpoint_url:
        note("nothing to tear down: there is no embedded AWS, hence no stack")
    else:
        _tear_down(target, yes)
    _forget(target)


def _tear_down(target: "Target", yes: bool) -> None:
    from nrti_cli.stack.delete import Teardown
    from nrti_cli.stack.pace import Pace

    teardown = Teardown(target, Pace.of(target))
    found = teardown.inventory()
    last = target.name == "local" and teardown.is_last_stack()
    if not found:
        note(f"nothing has the name of stack {target.stack}")
    if found or last:
        _show(found, last)
        _confirm(target, yes)
    if found:
        _delete(teardown, found)
    if last:
        _destroy_embedded_aws()


def _show(found: "Inventory", last: bool) -> None:
    note("This will be deleted, data included:")
    for line in found.lines():
        note(f"  {line}")
    if last:
        note("  the embedded AWS itself, with its state")


def _confirm(target: "Target", yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise NrtiError("nobody is there to confirm the deletion", hint="pass --yes")
    if not typer.confirm(f"Delete stack {target.stack}?", err=True):
        raise NrtiError("nothing was deleted")


def _delete(teardown: "Teardown", found: "Inventory") -> None:
    from nrti_cli.commands.steps import step_line

    with progress(f"deleting {found.summary()}") as shown:
        for gone in teardown.delete(found):
            shown.log(f"  deleted          {gone}" if isinstance(gone, str) else step_line(gone))
    note(f"[green]deleted[/green]: {found.summary()}; nothing is left")


def _destroy_embedded_aws() -> None:
    from nrti_cli.local import process

    if process.destroy():
        note("[green]deleted[/green]: the embedded AWS and its state")


def _forget(target: "Target") -> None:
    """Later commands shall not address a stack that is gone."""
    from nrti_cli.aws.target import forget, remembered

    last = remembered()
    if last and (last.name, last.stack) == (target.name, target.stack):
        forget()
