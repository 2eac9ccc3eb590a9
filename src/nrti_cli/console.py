"""Output: results go to stdout, everything else to stderr."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from nrti_cli.characters import printable
from nrti_cli.durations import show_duration

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.text import Text

#: Seconds between two updates of a progress line; faster updates cannot be read.
_SHORTEST_LOOK = 0.1


def takes_escapes(stream: TextIO) -> bool:
    """Whether the stream shows escape sequences: a terminal, without NO_COLOR and TERM=dumb."""
    return (
        stream.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") not in {"dumb", "unknown"}
    )


@cache
def out() -> "Console":
    """The console on stdout, for results; another program may read them."""
    return _console(sys.stdout)


@cache
def err() -> "Console":
    """The console on stderr, for progress and summaries."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> "Console":
    from rich.console import Console

    class Cleaning(Console):
        """Removes control characters from the text that it prints."""

        def render_str(self, text: str, **options: Any) -> "Text":
            return super().render_str(printable(text), **options)

    return Cleaning(
        stderr=stream is sys.stderr,
        highlight=False,
        emoji=False,
        color_system="auto" if takes_escapes(stream) else None,
    )


def note(message: str) -> None:
    """Prints a line on stderr. It is parsed as rich markup, so escape text that users supplied."""
    err().print(message, soft_wrap=True)


def print_dimmed(message: str) -> None:
    """Prints a dim line on stderr, without markup. It avoids the import of rich and Typer."""
    text = printable(message)
    print(f"\x1b[2m{text}\x1b[0m" if takes_escapes(sys.stderr) else text, file=sys.stderr)


def styled(stream: TextIO, text: str, **style: Any) -> str:
    """Styles text as `typer.style` does, if the stream shows escape sequences."""
    from typer import style as in_style

    return in_style(text, **style) if style and takes_escapes(stream) else text


class Progress(Protocol):
    """The progress of a long operation; see `progress`."""

    def update(self, message: str) -> None:
        """Replaces the current status text."""

    def milestone(self, message: str) -> None:
        """Writes a permanent line, except on a terminal, where the status text is enough."""

    def advance(self, share: float | None) -> None:
        """Shows the completed share, 0 to 1, and the estimated time left; None if it is unknown."""

    def log(self, message: str) -> None:
        """Writes a permanent line."""


class _LineProgress:
    """For logs and pipes: permanent lines only, no animation."""

    def update(self, message: str) -> None:
        """Does nothing: a status text needs a terminal."""

    def advance(self, share: float | None) -> None:
        """Does nothing: a share needs a terminal."""

    def milestone(self, message: str) -> None:
        note(message)

    def log(self, message: str) -> None:
        note(message)


class _Spinner:
    """For a terminal: a status text that is replaced, with permanent lines above it."""

    def __init__(self, spinner: "Spinner", message: str) -> None:
        self._spinner = spinner
        self._message = message
        #: The time and the share of the first `advance`.
        self._began: tuple[float, float] | None = None
        self._shown = 0.0

    def update(self, message: str) -> None:
        self._message = message
        self._spinner.update(text=_fitted(message))

    def milestone(self, message: str) -> None:
        """Does nothing: the status text shows it."""

    def advance(self, share: float | None) -> None:
        now = time.monotonic()
        if share is None or now - self._shown < _SHORTEST_LOOK:
            return
        self._shown = now
        began, before = self._began = self._began or (now, share)
        left = (now - began) * (1 - share) / (share - before) if share > before else None
        rest = "" if left is None else f", {show_duration(left)} left"
        self._spinner.update(text=_fitted(f"{self._message}: {share:.0%}{rest}"))

    def log(self, message: str) -> None:
        note(message)


def _fitted(message: str) -> "Text":
    """Truncates each line to the terminal's width: a line that wraps cannot be replaced."""
    from rich.text import Text

    lines = Text.from_markup(printable(message), emoji=False).split()
    for line in lines:
        line.truncate(err().width - len("⠋ "), overflow="ellipsis")
    return Text("\n").join(lines)


@contextmanager
def progress(message: str) -> Iterator[Progress]:
    """A spinner with a status text on a terminal, plain lines otherwise; both on stderr."""
    if not takes_escapes(sys.stderr):
        yield _LineProgress()
        return
    from rich.live import Live
    from rich.spinner import Spinner

    name = "dots" if err().encoding.startswith("utf") else "line"
    spinner = Spinner(name, text=_fitted(message), style="status.spinner")
    # rich would redirect stdout to the terminal to keep the spinner intact; data in a pipe must stay there.
    moved = sys.stdout.isatty()
    live = Live(spinner, console=err(), refresh_per_second=12.5, transient=True, redirect_stdout=moved)
    with _giving_way(live), live:
        yield _Spinner(spinner, message)


@contextmanager
def _giving_way(live: "Live") -> Iterator[None]:
    """On Ctrl-Z, removes the spinner and shows the cursor; `fg` starts the spinner again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        was_shown = live.is_started
        live.stop()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)  # returns after SIGCONT
        signal.signal(signal.SIGTSTP, stop)
        if was_shown:
            live.start()

    before = signal.signal(signal.SIGTSTP, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTSTP, before)
