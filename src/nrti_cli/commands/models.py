"""The command `nrti models`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nrti_cli.commands.options import addressed
from nrti_cli.console import note, out

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel


@addressed
def models(
    target: "Target",
    format_: Annotated[
        Literal["table", "json"], typer.Option("--format", help="A table to read, or a JSON array.")
    ] = "table",
) -> None:
    """List the published models with their metrics."""
    from nrti_cli.models.endpoint import published

    found = published(target)
    if format_ == "json":
        _print_json(found)
    elif found:
        _print_table(found)
    else:
        note("no model is published: run nrti train --name failure-v1")


def _print_json(found: "Sequence[PublishedModel]") -> None:
    import json
    from dataclasses import asdict

    print(json.dumps([asdict(model) for model in found], default=lambda moment: moment.isoformat(), indent=2))


def _print_table(found: "Sequence[PublishedModel]") -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("model, from", overflow="fold")
    table.add_column("status")
    for heading in ("updated", "length", "prec.", "recall", "F1"):
        table.add_column(heading, justify="right", no_wrap=True)
    for model in found:
        table.add_row(*_row(model))
    out().print(table)


def _row(model: "PublishedModel") -> list[str]:
    from rich.markup import escape

    status = f"{model.status}: {model.reason}" if model.reason else model.status
    quality = (model.metrics.get(metric) for metric in ("precision", "recall", "f1"))
    return [
        f"[bold]{model.name}[/bold]\n[dim]{escape(model.source)}[/dim]",
        escape(status),
        f"{model.updated.astimezone():%m-%d %H:%M}",
        str(model.length or "?"),
        *("?" if value is None else f"{value:.4f}" for value in quality),
    ]
