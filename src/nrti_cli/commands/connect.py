"""The command `nrti connect`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nrti_cli.characters import printable
from nrti_cli.commands.options.common import addressed
from nrti_cli.commands.options.formats import print_json
from nrti_cli.completion import offers
from nrti_cli.console import print_dimmed

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.connect.connection import Connection


@addressed
def connect(
    target: "Target",
    format_: Annotated[
        Literal["table", "json", "env", "curl", "python", "c", "javascript"],
        typer.Option(
            "--format",
            help="A table, JSON, lines for a shell's eval, or a program that sends an event.",
        ),
    ] = "table",
    model: Annotated[
        str | None,
        typer.Option(
            autocompletion=offers.models,
            help="The model to name in the event; default: the last one published.",
        ),
    ] = None,
    show_key: Annotated[
        bool, typer.Option("--show-key", help="Include the API key; --format env always does.")
    ] = False,
) -> None:
    """Show how to call the API.

    The API key is printed only with --show-key, and with --format env, which is meant for eval. The other
    programs read it from NRTI_API_KEY, which this sets: eval "$(nrti connect --format env)"
    """
    from nrti_cli.connect.connection import connection
    from nrti_cli.connect.snippets import SET_KEY, environment, snippet

    found = connection(target, model, with_key=show_key or format_ == "env")
    if format_ == "table":
        _show(found)
    elif format_ == "json":
        print_json({"target": target.name, "stack": target.stack, **asdict(found)})
    elif format_ == "env":
        print(environment(found), end="")
    else:
        print(snippet(format_, found), end="")
        if not show_key:
            print_dimmed(f"the API key is not included: {SET_KEY} sets it")


def _show(found: "Connection") -> None:
    takes = f", sequences of {found.length}" if found.length else ""
    lines = {
        "events": found.events_url,
        "predictions": found.predictions_url,
        "labels": found.labels_url,
        "API key": found.api_key or "in the header x-api-key; --show-key prints it",
        "model": f"{found.model}{takes}"
        if found.model
        else "none is published: nrti train --name failure-v1",
    }
    for name, value in lines.items():
        print(f"{name:<13}{printable(value)}")
