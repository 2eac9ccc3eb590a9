"""A `nrti dashboard` in the background of another command."""

import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from nrti_cli.errors import NrtiError

_READY_SECONDS = 30.0
#: Seconds to end after Ctrl-C.
_END_SECONDS = 5.0


class LivePage:
    """Serves the page while the block runs.

    Args:
        environment: of the command.
        opens: whether it opens the page in a browser.
    """

    def __init__(self, environment: Mapping[str, str], *, opens: bool) -> None:
        self._environment = environment
        self._option = "--open" if opens else "--no-open"
        self._address = ""
        self._said: list[str] = []
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        """Starts the command."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nrti_cli", "dashboard", self._option],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends it as Ctrl-C does."""
        with suppress(subprocess.TimeoutExpired):
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_END_SECONDS)
        self._process.kill()
        self._process.wait()

    def address(self) -> str:
        """The address for the next browser.

        Raises:
            NrtiError: the page does not come up.
        """
        self._ready.wait(_READY_SECONDS)
        if not self._address:
            raise NrtiError(f"the live page did not come up: {' '.join(self._said) or 'it said nothing'}")
        return self._address

    def _read(self) -> None:
        """Notes each address that the command prints: each admits one browser."""
        for line in self._process.stderr or ():
            if line.startswith("http"):
                self._address = line.strip()
                self._ready.set()
            else:
                self._said.append(line.strip())
        self._ready.set()
