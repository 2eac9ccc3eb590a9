"""The commands `nrti local …`: the embedded AWS."""

import typer

app = typer.Typer(help="The embedded AWS on this machine.", no_args_is_help=True)
