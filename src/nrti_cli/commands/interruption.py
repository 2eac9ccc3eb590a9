"""Programs that a command runs, and the signals that end both it and them."""

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Self

from nrti_cli.errors import ExitStatus, NrtiError

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOOK_SECONDS = 0.1
#: A terminal sends Ctrl-C to the program as well: it has as long to end by itself.
_PATIENCE_SECONDS = 1.0


class Interruption:
    """Notes a signal instead of raising at whatever point it comes, so that no clean-up is ever cut short.

    What the command waits for, it waits for here: `run` and `sleep` raise once a signal has come.

    Args:
        patience: seconds that a program has to end after a signal, before it is sent the next.
    """

    def __init__(self, patience: float = _PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._came = False

    def __enter__(self) -> Self:
        # One that is ignored, as by nohup, goes on being ignored.
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
        """Runs a program to its end and returns its exit code.

        Raises:
            NrtiError: a signal came; the program has ended.
        """
        self._check()
        child = subprocess.Popen(command, env=environment)
        while not _ended(child, _LOOK_SECONDS):
            if self._came:
                self._end(child)
        self._check()
        return child.returncode

    def sleep(self, seconds: float) -> None:
        """Waits.

        Raises:
            NrtiError: a signal came.
        """
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._check()
            time.sleep(min(left, _LOOK_SECONDS))

    def _check(self) -> None:
        if self._came:
            raise NrtiError("interrupted", exit_status=ExitStatus.INTERRUPTED)

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        """Ends a program, gently at first: it may have a terminal to put right."""
        for number in (signal.SIGINT, signal.SIGKILL):
            if not _ended(child, self._patience):
                child.send_signal(number)


def _ended(child: subprocess.Popen[bytes], seconds: float) -> bool:
    with suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
        return True
    return False
