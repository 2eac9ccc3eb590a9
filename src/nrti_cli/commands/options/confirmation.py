"""Asks for confirmation before something that cannot be undone."""

import sys
from typing import Annotated

import typer

from nrti_cli.errors import NrtiError

YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]


def confirm(question: str, what: str, *, yes: bool) -> None:
    """Returns if the user agrees, at the terminal or by --yes.

    Args:
        question: a yes-or-no question.
        what: what is confirmed, such as `the deletion`.
        yes: whether --yes was given.

    Raises:
        NrtiError: stdin is not a terminal, or the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise NrtiError(f"{what} needs confirmation, and stdin is not a terminal", hint="pass --yes")
    if not typer.confirm(question, err=True):
        raise NrtiError("nothing was done")
