"""Where output goes: stdout is data, stderr is everything else."""

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

#: Seconds between two changes of a line; a person cannot read faster.
_SHORTEST_LOOK = 0.1


def takes_escapes(stream: TextIO) -> bool:
    """Whether escape sequences have a place there: on a terminal, without NO_COLOR and TERM=dumb."""
    return (
        stream.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") not in {"dumb", "unknown"}
    )


@cache
def out() -> "Console":
    """The console on stdout: results that another program may read."""
    return _console(sys.stdout)


@cache
def err() -> "Console":
    """The console on stderr: what is being done, progress, and summaries."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> "Console":
    from rich.console import Console

    class Cleaning(Console):
        """Prints text without the control characters that may have come with it."""

        def render_str(self, text: str, **options: Any) -> "Text":
            return super().render_str(printable(text), **options)

    return Cleaning(
        stderr=stream is sys.stderr,
        highlight=False,
        emoji=False,
        color_system="auto" if takes_escapes(stream) else None,
    )


def note(message: str) -> None:
    """Says one line on stderr; rich markup is understood, so escape what users supplied."""
    err().print(message, soft_wrap=True)


def aside(message: str) -> None:
    """Says one dim line on stderr, as it is. It does without rich, which takes longer to load than to use."""
    print(styled(sys.stderr, printable(message), dim=True), file=sys.stderr)


def styled(stream: TextIO, text: str, **style: Any) -> str:
    """The text as `typer.style` styles it, if the stream takes escape sequences."""
    from typer import style as in_style

    return in_style(text, **style) if style and takes_escapes(stream) else text


class Progress(Protocol):
    """What a long operation tells while it runs; see `progress`."""

    def update(self, message: str) -> None:
        """Replaces the line, or lines, that say what is happening now."""

    def milestone(self, message: str) -> None:
        """Writes a line that stays, off a terminal only: there no line is replaced."""

    def advance(self, share: float | None) -> None:
        """Shows which share is done, 0 to 1, and how long the rest takes; None if it is not known."""

    def log(self, message: str) -> None:
        """Writes a line that stays."""


class _LineProgress:
    """For logs and pipes: lines that stay, and no animation."""

    def update(self, message: str) -> None:
        """Says nothing: only a person watching a terminal wants the line that is replaced."""

    def advance(self, share: float | None) -> None:
        """Says nothing, either."""

    def milestone(self, message: str) -> None:
        note(message)

    def log(self, message: str) -> None:
        note(message)


class _Spinner:
    """For a terminal: a line that is replaced, and lines that stay above it."""

    def __init__(self, spinner: "Spinner", message: str) -> None:
        self._spinner = spinner
        self._message = message
        #: When it was shown first how much is done, and how much that was.
        self._began: tuple[float, float] | None = None
        self._shown = 0.0

    def update(self, message: str) -> None:
        self._message = message
        self._spinner.update(text=_fitted(message))

    def milestone(self, message: str) -> None:
        """Says nothing: it is in the lines that are replaced."""

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
    """As much of each line as fits beside the spinner: what is replaced all the time must not wrap."""
    from rich.text import Text

    lines = Text.from_markup(printable(message), emoji=False).split()
    for line in lines:
        line.truncate(err().width - len("⠋ "), overflow="ellipsis")
    return Text("\n").join(lines)


@contextmanager
def progress(message: str) -> Iterator[Progress]:
    """A spinner with a text on a terminal, plain lines elsewhere; both on stderr."""
    if not takes_escapes(sys.stderr):
        yield _LineProgress()
        return
    from rich.live import Live
    from rich.spinner import Spinner

    name = "dots" if err().encoding.startswith("utf") else "line"
    spinner = Spinner(name, text=_fitted(message), style="status.spinner")
    # Data on its way into a pipe must not be moved to the terminal, as rich does to keep a spinner whole.
    moved = sys.stdout.isatty()
    live = Live(spinner, console=err(), refresh_per_second=12.5, transient=True, redirect_stdout=moved)
    with live, _giving_way(live):
        yield _Spinner(spinner, message)


@contextmanager
def _giving_way(live: "Live") -> Iterator[None]:
    """Ctrl-Z leaves the terminal as it was, with a cursor; `fg` goes on with the spinner."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        live.stop()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)  # returns after SIGCONT
        signal.signal(signal.SIGTSTP, stop)
        live.start()

    before = signal.signal(signal.SIGTSTP, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTSTP, before)
