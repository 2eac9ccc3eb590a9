"""`python -m nrti_local` in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

_SECONDS = 60.0
_EXPORT = re.compile(r"export (\w+)=(.*)\n")


@dataclass(frozen=True)
class Standalone:
    """One that is ready.

    Attributes:
        process: of the command.
        variables: that it printed, for clients.
        errors: what it writes to stderr.
    """

    process: subprocess.Popen[str]
    variables: dict[str, str]
    errors: IO[str]

    def __enter__(self) -> Self:
        """Makes sure that it ends with the test."""
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(_SECONDS)
        self.errors.close()

    def said(self) -> str:
        """All of it so far."""
        self.errors.seek(0)
        return self.errors.read()

    def end(self, number: int) -> int:
        """Sends it a signal; returns its exit code."""
        self.process.send_signal(number)
        return self.process.wait(_SECONDS)


def command(home: Path, *arguments: str) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "nrti_local", "--home", str(home), *arguments]


def start(home: Path, *arguments: str) -> Standalone:
    """Starts one and waits until it is ready."""
    errors = (home.parent / "stderr").open("w+")
    process = subprocess.Popen(
        command(home, *arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NRTI_"))},
    )
    assert process.stdout
    variables: dict[str, str] = {}
    while "AWS_DISABLE_HOST_PREFIX_INJECTION" not in variables:
        line = _EXPORT.fullmatch(process.stdout.readline())
        if line is None:
            process.send_signal(signal.SIGKILL)
            errors.seek(0)
            raise AssertionError(errors.read())
        variables[line[1]] = line[2]
    return Standalone(process, variables, errors)
