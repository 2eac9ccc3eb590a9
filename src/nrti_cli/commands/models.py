"""The command `nrti models`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nrti_cli.commands.options import addressed
from nrti_cli.console import note

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel


_HEADER = ("MODEL, FROM", "STATUS", "UPDATED (UTC)", "LENGTH", "PREC.", "RECALL", "F1")


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
