"""Makes a virtual environment and installs into it, by uv if that is on PATH, else by pip.

    python3 scripts/install.py .venv "nrti and its tools" --editable . --group dev

The directory, what to call what is installed, and arguments of `pip install`. On a terminal one line shows
what is being done; all that the programs said is shown if one fails.
"""

from __future__ import annotations

import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

_OLDEST = (3, 11)
#: The first pip that knows dependency groups; that of Python 3.11 takes twice as long for the same wheels.
_NEW_PIP = "pip>=25.1"
_TICK_SECONDS = 0.5
_INTERRUPTED = 130


def main(place: str, what: str, *wanted: str) -> int:
    """Installs into the environment at a place, which is made first, and returns the exit code."""
    if sys.version_info < _OLDEST:
        print("nrti needs Python 3.11 or later; name one, as in make demo PYTHON=python3.12", file=sys.stderr)
        return 1
    uv = shutil.which("uv")
    line = _Line(f"{what} into {place}/ by {'uv' if uv else 'pip'}")
    said: list[str] = []
    try:
        for command in _by_uv(uv, place, wanted) if uv else _by_pip(place, wanted):
            status = _run(command, line, said)
            if status:
                line.end("failed:")
                print("".join(said), end="", file=sys.stderr)
                return status
    except KeyboardInterrupt:
        line.end("interrupted; the same command goes on")
        return _INTERRUPTED
    line.end(f"done in {line.seconds:.0f} s")
    return 0


def _by_uv(uv: str, place: str, wanted: tuple[str, ...]) -> list[list[str]]:
    """What to run, one after the other."""
    python = str(Path(place, "bin", "python"))
    make = [uv, "venv", "--seed", "--allow-existing", "--python", sys.executable, place]
    return [*([] if _is_whole(python) else [make]), [uv, "pip", "install", "--python", python, *wanted]]


def _by_pip(place: str, wanted: tuple[str, ...]) -> list[list[str]]:
    python = str(Path(place, "bin", "python"))
    # Most of what is installed is never imported. What is, Python compiles then.
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-compile"]
    make = [sys.executable, "-m", "venv", place]
    return [*([] if _is_whole(python) else [make]), [*pip, _NEW_PIP], [*pip, *wanted]]


def _is_whole(python: str) -> bool:
    """Whether the environment is there, pip included: what made it may have been interrupted."""
    test = [python, "-c", "import pip"]
    return Path(python).exists() and not subprocess.run(test, capture_output=True, check=False).returncode


def _run(command: list[str], line: _Line, said: list[str]) -> int:
    """Runs a program to its end, showing the newest line that it writes, and returns its exit code."""
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    written: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for text in program.stdout or ():
            written.put(text)
        written.put(None)

    threading.Thread(target=read, daemon=True).start()
    newest: str | None = ""
    while newest is not None:
        line.show(newest)
        try:
            newest = written.get(timeout=_TICK_SECONDS)
            said.append(newest or "")
        except queue.Empty:
            newest = ""
    return program.wait()


class _Line:
    """One line that says what is being done: it changes on a terminal, elsewhere there are two."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = time.monotonic()
        self._doing = ""
        self._changes = sys.stdout.isatty()
        if not self._changes:
            print(f"installing {what}", flush=True)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def show(self, text: str) -> None:
        """Shows how long it has taken, and the text, or the one before if it is empty."""
        self._doing = text.strip() or self._doing
        self._write(f"installing {self._what}, {self.seconds:.0f} s  {self._doing}", end="")

    def end(self, how: str) -> None:
        """Leaves behind how it ended."""
        if self._changes:
            self._write(f"installing {self._what}: {how}", end="\n")
        else:
            print(f"installing {self._what}: {how}", flush=True)

    def _write(self, text: str, end: str) -> None:
        if self._changes:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{text[:width]:<{width}}", end=end, flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
