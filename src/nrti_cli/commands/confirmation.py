"""The question before something that cannot be taken back."""

import sys
from typing import Annotated

import typer

from nrti_cli.errors import NrtiError

YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def confirm(question: str, what: str, *, yes: bool) -> None:
    """Goes on if the user says yes, at the terminal or by --yes.

    Args:
        question: to be answered with yes or no.
        what: of what it is the confirmation, such as `the deletion`.
        yes: whether --yes was given.

    Raises:
        NrtiError: stdin is no terminal at which to ask, or the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise NrtiError(f"{what} has to be confirmed, and stdin is no terminal", hint="pass --yes")
    if not typer.confirm(question, err=True):
        raise NrtiError("nothing was done")
