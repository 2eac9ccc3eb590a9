"""The command `nrti models rollback`."""

from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.commands.options.common import addressed
from nrti_cli.commands.options.formats import FormatOption, print_json
from nrti_cli.completion import offers
from nrti_cli.console import note, progress

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


@addressed
def rollback(
    target: "Target",
    name: Annotated[str, typer.Argument(autocompletion=offers.models, help="The model, as named in events.")],
    format_: FormatOption = "table",
) -> None:
    """Bring the earlier version of a model back into service.

    The endpoint stays in service meanwhile. The version that it leaves is kept, and later rollbacks skip it.
    """
    from dataclasses import asdict

    from nrti_cli.models.publication.rollback import roll_back
    from nrti_cli.models.publication.source import deploying
    from nrti_cli.stack.outputs import require_stack

    require_stack(target)
    with progress(f"rolling back model {name}") as shown:
        done = roll_back(target, name, shown)
    note(f"[bold]{name}[/bold] rolled back from version {done.left} to {done.version}, of {done.source}")
    if done.left_source:
        note(f"to undo it: {deploying(name, done.left_source)}")
    if format_ == "json":
        print_json(asdict(done))
