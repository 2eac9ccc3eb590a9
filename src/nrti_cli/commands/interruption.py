"""Runs programs for a command, and ends them when the command receives a signal."""

import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Self, TextIO

from nrti_cli.errors import ExitStatus, NrtiError

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOOK_SECONDS = 0.1
#: A terminal sends Ctrl-C to the program as well; this is how long it may take to end by itself.
_PATIENCE_SECONDS = 1.0


class Interruption:
    """Records signals instead of raising at an arbitrary point, so that no clean-up is interrupted.

    The command waits only in `run` and `sleep`, which raise once a signal has arrived.

    Args:
        patience: seconds that a program may take to end after a signal before it receives the next one.
    """

    def __init__(self, patience: float = _PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._came = False

    def __enter__(self) -> Self:
        # A signal that is ignored, as under nohup, stays ignored.
        heeded = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._note) for number in heeded}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (as `signal` calls it)
        self._came = True

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        """Runs a program to its end; returns its exit code.

        Raises:
            NrtiError: a signal arrived; the program has ended.
        """
        self._check()
        child = subprocess.Popen(command, env=environment)
        while not _ended(child, _LOOK_SECONDS):
            if self._came:
                self._end(child)
        self._check()
        return child.returncode

    def sleep(self, seconds: float) -> None:
        """Sleeps.

        Raises:
            NrtiError: a signal arrived.
        """
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._check()
            time.sleep(min(left, _LOOK_SECONDS))

    def wait_for_line(self, stream: TextIO) -> None:
        """Waits for a line on a terminal, or its end.

        Raises:
            NrtiError: a signal came.
        """
        while not select.select([stream], [], [], _LOOK_SECONDS)[0]:
            self._check()
        stream.readline()

    def _check(self) -> None:
        if self._came:
            raise NrtiError("interrupted", exit_status=ExitStatus.INTERRUPTED)

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        """Ends a program, first by a signal that it can handle: it may have to restore the terminal."""
        for number in (signal.SIGINT, signal.SIGKILL):
            if not _ended(child, self._patience):
                child.send_signal(number)


def _ended(child: subprocess.Popen[bytes], seconds: float) -> bool:
    with suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
        return True
    return False
