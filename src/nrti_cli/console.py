"""Where output goes: stdout is data, stderr is everything else."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


@cache
def out() -> "Console":
    """The console on stdout: results that another program may read."""
    from rich.console import Console

    return Console(highlight=False)


@cache
def err() -> "Console":
    """The console on stderr: what is being done, progress, and summaries."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def note(message: str) -> None:
    """Says one line on stderr; rich markup is understood, so escape what users supplied."""
    err().print(message, soft_wrap=True)


def aside(message: str) -> None:
    """Says one dim line on stderr, as it is. It does without rich, which takes longer to load than to use."""
    from typer import secho

    secho(message, err=True, dim=True)


class Progress(Protocol):
    """What a long operation tells while it runs; see `progress`."""

    def update(self, message: str) -> None:
        """Replaces the line that says what is happening now."""

    def log(self, message: str) -> None:
        """Writes a line that stays."""


class _LineProgress:
    """For logs and pipes: lines that stay, and no animation."""

    def update(self, message: str) -> None:
        """Says nothing: only a person watching a terminal wants the line that is replaced."""

    def log(self, message: str) -> None:
        note(message)


def _one_line(message: str) -> "Text":
    """As much of it as fits beside the spinner: a line that is replaced all the time must not wrap."""
    from rich.text import Text

    text = Text.from_markup(message)
    text.truncate(err().width - len("⠋ "), overflow="ellipsis")
    return text


@contextmanager
def progress(message: str) -> Iterator[Progress]:
    """A spinner with a text on a terminal, plain lines elsewhere; both on stderr."""
    if not sys.stderr.isatty():
        yield _LineProgress()
        return
    with err().status(_one_line(message)) as status:

        class _Spinner:
            def update(self, message: str) -> None:
                status.update(_one_line(message))

            def log(self, message: str) -> None:
                note(message)

        yield _Spinner()
