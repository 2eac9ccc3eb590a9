"""The commands `nrti models …`: what is published, and taking it back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from nrti_cli.commands.confirmation import YesOption, confirm
from nrti_cli.commands.formats import FormatOption, print_json
from nrti_cli.commands.options import addressed
from nrti_cli.console import note, progress

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.deletion import Found
    from nrti_cli.models.endpoint import PublishedModel


_HEADER = ("MODEL, FROM", "STATUS", "UPDATED (UTC)", "LENGTH", "PREC.", "RECALL", "F1")
_KEPT = "training jobs and artifacts; nrti deploy-model --job publishes one again"


class _Group(TyperGroup):
    """`nrti models` and its options mean `nrti models list`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["list", *args])


app = typer.Typer(
    cls=_Group,
    help="List the published models, or delete one.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command("list")
@addressed
def list_models(target: "Target", format_: FormatOption = "table") -> None:
    """List the published models with their metrics.

    `nrti models` alone does so too.
    """
    from dataclasses import asdict

    from nrti_cli.models.endpoint import published

    found = published(target)
    if format_ == "json":
        print_json([asdict(model) for model in found])
    elif found:
        _print_table(found)
    else:
        note("no model is published: run nrti train --name failure-v1")


@app.command("delete")
@addressed
def delete_model(
    target: "Target",
    name: Annotated[str, typer.Argument(help="The model, as events name it.")],
    yes: YesOption = False,
    force: Annotated[
        bool, typer.Option("--force", help="Delete the endpoint too if nrti did not publish it.")
    ] = False,
    format_: FormatOption = "table",
) -> None:
    """Delete a model's endpoint and its publications.

    A publication is an endpoint configuration with its SageMaker model. Training jobs and artifacts
    stay. Events that name the model become dead letters from then on.
    """
    from dataclasses import asdict

    from nrti_cli.errors import NrtiError
    from nrti_cli.models.deletion import delete, look

    found = look(target, name)
    if not found.ours and not force:
        raise NrtiError(f"nrti did not publish endpoint {found.endpoint}", hint="pass --force to delete it")
    _show_what_goes(found)
    confirm(f"Delete model {name} of stack {target.stack}?", "the deletion", yes=yes)
    with progress(f"deleting model {name}"):
        delete(target, found)
    note(f"[green]deleted[/green]: model {name}; kept: {_KEPT}")
    if format_ == "json":
        print_json(asdict(found))


def _show_what_goes(found: "Found") -> None:
    note("This will be deleted:")
    if found.endpoint:
        note(f"  endpoint {found.endpoint}")
    for publication in found.publications:
        note(f"  endpoint configuration and SageMaker model {publication}")
    if not found.ours:
        note("  not what the endpoint serves, since nrti did not publish it")
    if found.requests:
        note(f"[yellow]The endpoint had {found.requests:,} requests in the last 15 minutes.[/yellow]")
    note(f"This will stay: {_KEPT}")


def _print_table(found: "Sequence[PublishedModel]") -> None:
    """A line for each model, and one for what it is of: a job's name has to stay in one piece."""
    rows = [_HEADER, *map(_row, found)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(_HEADER))]
    typer.secho(_line(_HEADER, widths), bold=True)
    for model, row in zip(found, rows[1:], strict=True):
        typer.echo(_line(row, widths))
        for detail in filter(None, (model.source, model.reason)):
            typer.secho(f"  {detail}", dim=True)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = zip(row, widths, strict=True)
    return "  ".join(
        cell.ljust(width) if index < 2 else cell.rjust(width) for index, (cell, width) in enumerate(cells)
    )


def _row(model: "PublishedModel") -> tuple[str, ...]:
    quality = (model.metrics.get(metric) for metric in ("precision", "recall", "f1"))
    return (
        model.name,
        model.status,
        f"{model.updated:%m-%d %H:%M}",
        str(model.length or "?"),
        *("?" if value is None else f"{value:.4f}" for value in quality),
    )
