"""The command line at a terminal: interrupted, stopped, without colours."""

from __future__ import annotations

import os
import pty
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.waiting import eventually

_HIDDEN, _SHOWN = b"\x1b[?25l", b"\x1b[?25h"
_SPINNING = """
import time
from nrti_cli.console import progress
with progress("waiting"):
    time.sleep(60)
"""
_WRITING = """
import time
from nrti_cli.console import progress
with progress("waiting"):
    time.sleep(0.2)
    print("data " * 50)
"""
_STARTING = """
import sys
from nrti_cli.entry import run
sys.argv = ["nrti", "estimate", "--rate", "1"]
def report(event, details):
    if event == "import" and details[0] == "nrti_cli.main":
        print("loading", flush=True)
sys.addaudithook(report)
run()
"""
_STARTING_TO_SPIN = """
from nrti_cli import main
from nrti_cli.console import err
def command(**_):
    status = err().status("waiting")
    status.start()  # and the interrupt comes before anything could end it
    raise KeyboardInterrupt
main.app = command
main.run()
"""
_SHOWING = """
from nrti_cli.streams import data_stream, open_streams
open_streams()
from nrti_cli.console import print_dimmed, note, out
evil = "\\x1b]0;owned\\x07"
note(evil)
print_dimmed(evil)
out().print(f"[bold]{evil}[/bold]")
data_stream().write(evil.encode())
"""
_ASKING = """
import sys, typer
from nrti_cli import main
from nrti_cli.commands.options.confirmation import confirm
main.app = lambda **_: confirm("Really?", "it", yes=False)
main.run()
"""


@dataclass
class Terminal:
    """A process that has a terminal of its own.

    Attributes:
        pid: of the process, which leads its session.
        shown: all that it has written.
    """

    pid: int
    master: int
    shown: bytes = b""

    def read(self) -> bytes:
        """All that it has written up to now."""
        os.set_blocking(self.master, False)
        with suppress(OSError):  # nothing more at present, or for good
            while part := os.read(self.master, 65536):
                self.shown += part
        return self.shown

    def press(self, keys: bytes) -> None:
        """Types."""
        os.write(self.master, keys)

    def end(self) -> int:
        """Waits for its end; its exit code, negative for a signal's number."""
        ended, status = eventually(lambda: os.waitpid(self.pid, os.WNOHANG), lambda found: found[0] != 0)
        assert ended
        self.read()
        return os.waitstatus_to_exitcode(status)


class Terminals:
    """Starts processes on terminals, and ends those that are left."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._started: list[Terminal] = []

    def python(self, *arguments: str, **environment: str) -> Terminal:
        """Runs this Python."""
        return self.run(sys.executable, *arguments, **environment)

    def run(self, *command: str, **environment: str) -> Terminal:
        """Runs a program."""
        pid, master = pty.fork()
        if not pid:
            os.environ |= {"NRTI_HOME": str(self._home), "TERM": "xterm", **environment}
            os.execv(command[0], command)  # noqa: S606
        self._started.append(Terminal(pid, master))
        return self._started[-1]

    def end(self) -> None:
        """Kills what has not ended."""
        for terminal in self._started:
            os.close(terminal.master)  # hangs up, which ends what is in its foreground
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(terminal.pid, signal.SIGKILL)
                os.waitpid(terminal.pid, 0)


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Terminals]:
    started = Terminals(tmp_path)
    yield started
    started.end()


@pytest.mark.parametrize("delay", [0.0, 0.04, 0.08, 0.16, 0.3])
def test_an_interrupt_is_one_line_from_the_first_import_on(terminals: Terminals, delay: float) -> None:
    terminal = terminals.python("-c", _STARTING)
    eventually(terminal.read, lambda shown: b"loading" in shown)
    time.sleep(delay)  # the moment is the point: no condition says how far the loading has come
    terminal.press(b"\x03")

    code = terminal.end()

    assert b"Traceback" not in terminal.shown
    if code == 130:
        assert terminal.shown.count(b"nrti: interrupted") == 1
    else:  # it was done already
        assert (code, delay > 0) == (0, True)


def test_an_interrupt_leaves_no_spinner_behind(terminals: Terminals) -> None:
    terminal = terminals.python("-c", _STARTING_TO_SPIN)

    assert terminal.end() == 130
    assert terminal.shown.endswith(b"\r\x1b[K" + _SHOWN + b"nrti: interrupted\r\n")


def test_an_interrupt_at_a_question_is_one_too(terminals: Terminals) -> None:
    terminal = terminals.python("-c", _ASKING)
    eventually(terminal.read, lambda shown: b"Really? [y/N]: " in shown)
    terminal.press(b"\x03")

    assert terminal.end() == 130
    assert terminal.shown.splitlines()[-1].endswith(_SHOWN + b"nrti: interrupted")


def test_a_stopped_command_leaves_the_terminal_with_a_cursor_and_goes_on_with_its_spinner(
    terminals: Terminals,
) -> None:
    shell = f'set -m; {sys.executable} -c "$CODE"; echo stopped; read _; fg'
    terminal = terminals.run("/bin/sh", "-c", shell, CODE=_SPINNING)
    eventually(terminal.read, lambda shown: b"waiting" in shown)
    terminal.press(b"\x1a")
    before, _, _ = eventually(terminal.read, lambda shown: b"stopped\r\n" in shown).partition(b"stopped")
    assert before.rfind(_SHOWN) > before.rfind(_HIDDEN)

    terminal.press(b"\n")
    eventually(
        lambda: terminal.read().removeprefix(before),
        lambda after: b"waiting" in after and after.rfind(_HIDDEN) > after.rfind(_SHOWN),
    )


def test_data_goes_into_its_pipe_while_a_spinner_turns_on_the_terminal(
    terminals: Terminals, tmp_path: Path
) -> None:
    piped = tmp_path / "piped"
    terminal = terminals.run("/bin/sh", "-c", f'{sys.executable} -c "$CODE" >{piped}', CODE=_WRITING)

    assert terminal.end() == 0
    assert piped.read_text() == "data " * 50 + "\n"
    assert b"waiting" in terminal.shown
    assert b"data" not in terminal.shown


def test_what_is_in_data_does_not_command_the_terminal(terminals: Terminals) -> None:
    terminal = terminals.python("-c", _SHOWING)

    assert terminal.end() == 0
    assert terminal.shown.count("\ufffd]0;owned\ufffd".encode()) == 4
    assert b"\x1b]" not in terminal.shown


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_a_terminal_without_escape_sequences_gets_none(
    terminals: Terminals, environment: dict[str, str]
) -> None:
    terminal = terminals.python("-m", "nrti_cli", "estimate", "--rate", "1", **environment)

    assert terminal.end() == 0
    assert b"total" in terminal.shown
    assert b"\x1b" not in terminal.shown
