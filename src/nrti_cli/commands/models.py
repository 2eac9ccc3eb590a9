"""The commands `nrti models …`: list, compare, roll back and delete published models."""

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from nrti_cli.characters import printable
from nrti_cli.commands.compare_models import compare
from nrti_cli.commands.index import group
from nrti_cli.commands.options.common import addressed
from nrti_cli.commands.options.confirmation import YesOption, confirm
from nrti_cli.commands.options.formats import Format, FormatOption, print_json
from nrti_cli.commands.output.columns import Columns
from nrti_cli.commands.rollback_model import rollback
from nrti_cli.commands.shadow_models import end_shadow, promote
from nrti_cli.completion import offers
from nrti_cli.console import note, progress, styled
from nrti_cli.counts import show_count

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.deletion import ModelResources
    from nrti_cli.models.endpoint import PublishedModel


_HEADS = ("model, from", "status", "updated (UTC)", "length", "prec.", "recall", "F1")
_KEPT = "training jobs and artifacts, for nrti deploy-model"


class _Group(TyperGroup):
    """A group that runs `list` if no command is given."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if ctx.resilient_parsing and not args:  # a shell completes the next word
            return super().parse_args(ctx, args)
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["list", *args])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        return [
            *super().shell_complete(ctx, incomplete),
            *self.commands["list"].shell_complete(ctx, incomplete),
        ]


app = group("models", cls=_Group)


@app.command("list")
@addressed
def list_models(
    target: "Target",
    versions: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", autocompletion=offers.models, help="List the versions of this model instead."
        ),
    ] = None,
    format_: FormatOption = "table",
) -> None:
    """List the published models, or the versions of one.

    `nrti models` does the same.
    """
    from dataclasses import asdict

    from nrti_cli.models.endpoint import published
    from nrti_cli.models.shadows import with_shadows

    if versions is not None:
        _list_versions(target, versions, format_)
        return
    found = with_shadows(target, published(target))
    if format_ == "json":
        print_json([asdict(model) for model in found])
    elif found:
        _print_table(found)
    else:
        note("no model is published: run nrti train --name failure-v1")


def _list_versions(target: "Target", model: str, format_: Format) -> None:
    from dataclasses import asdict

    from nrti_cli.commands.output.comparison import show_versions
    from nrti_cli.models.versions import versions, with_lineage

    found = with_lineage(target, model, versions(target, model))
    if format_ == "json":
        print_json([asdict(version) for version in found])
    else:
        show_versions(found)


app.command("compare")(compare)
app.command("rollback")(rollback)
app.command("promote")(promote)
app.command("end-shadow")(end_shadow)


@app.command("delete")
@addressed
def delete_model(
    target: "Target",
    name: Annotated[str, typer.Argument(autocompletion=offers.models, help="The model, as named in events.")],
    yes: YesOption = False,
    force: Annotated[
        bool, typer.Option("--force", help="Delete the endpoint even if nrti did not publish it.")
    ] = False,
    format_: FormatOption = "table",
) -> None:
    """Delete a model's endpoint and its publications.

    A publication is an endpoint configuration with its SageMaker model. Training jobs and artifacts are kept.
    From then on, events for this model become dead letters.
    """
    from dataclasses import asdict

    from nrti_cli.errors import NrtiError
    from nrti_cli.models.deletion import delete, find_resources

    found = find_resources(target, name)
    if not found.ours and not force:
        raise NrtiError(f"nrti did not publish endpoint {found.endpoint}", hint="pass --force to delete it")
    _show_what_goes(found)
    confirm(f"Delete model {name} of stack {target.stack}?", "the deletion", yes=yes)
    with progress(f"deleting model {name}"):
        delete(target, found)
    note(f"[green]deleted[/green]: model {name}; kept: {_KEPT}")
    if format_ == "json":
        print_json(asdict(found))


def _show_what_goes(found: "ModelResources") -> None:
    note("This will be deleted:")
    if found.endpoint:
        note(f"  endpoint {found.endpoint}")
    for publication in found.publications:
        note(f"  endpoint configuration and SageMaker model {publication}")
    if not found.ours:
        note("  not what the endpoint serves: nrti did not publish it")
    if found.requests:
        requests = show_count(found.requests, "request")
        note(f"[yellow]The endpoint had {requests} in the last 15 minutes.[/yellow]")
    for model, shadow in found.shadows.items():
        note(f"This will end: {shadow} as the shadow of {model}")
    note(f"This will be kept: {_KEPT}")


def _print_table(found: "Sequence[PublishedModel]") -> None:
    """Prints a line for each model, and a line with its origin, where a job's name fits in one piece."""
    rows = [_row(model) for model in found]
    widths = [max(map(len, column)) for column in zip(_HEADS, *rows, strict=True)]
    lines = Columns(_HEADS, widths, range(3, len(_HEADS)), cut=False)
    if sys.stdout.isatty() and lines.width > shutil.get_terminal_size().columns:
        _print_records(found, rows)
        return
    lines.show_heads()
    for model, row in zip(found, rows, strict=True):
        print(lines.line(row))
        for detail in filter(None, (model.source, _relation(model), model.reason)):
            print(styled(sys.stdout, f"  {printable(detail)}", dim=True))


def _print_records(found: "Sequence[PublishedModel]", rows: "Sequence[Sequence[str]]") -> None:
    from nrti_cli.commands.output.rows import Head, show_records

    details = [(model.source or "", model.shadow_of, model.reason or "") for model in found]
    show_records(
        [Head(name) for name in (*_HEADS, "from", "shadow of", "reason")],
        [[*row, *detail] for row, detail in zip(rows, details, strict=True)],
    )


def _relation(model: "PublishedModel") -> str:
    return f"shadow of {model.shadow_of}" if model.shadow_of else ""


def _row(model: "PublishedModel") -> tuple[str, ...]:
    quality = (model.metrics.get(metric) for metric in ("precision", "recall", "f1"))
    return (
        model.name,
        model.status,
        f"{model.updated:%m-%d %H:%M}",
        str(model.length or "?"),
        *("?" if value is None else f"{value:.4f}" for value in quality),
    )
