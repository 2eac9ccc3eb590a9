"""A system under attack: an embedded AWS of its own with the stack and a model on it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nrti_local import process
from nrti_local.server.processes import lock
from tests.chaos import processes
from tests.local.own import Own
from tests.waiting import eventually

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class System(Own):
    """Sets itself up, takes blows, and comes back.

    Attributes:
        server: the module that runs the embedded AWS; another than nrti's own is run in its place, so that it
            can misbehave where nrti's own does not.
    """

    server: str = "nrti_local.server.run"

    @property
    def pid(self) -> int:
        """The server's process id."""
        running = process.running(self.layout)
        assert running, "the embedded AWS is not running"
        return running.pid

    def set_up(self) -> None:
        """Starts it, deploys the stack and publishes a model."""
        self.start()
        self.deploy()

    def start(self) -> None:
        """Starts the embedded AWS with the state it had."""
        if self.server == System.server:
            self.does("local", "start")
            return
        held = lock.acquire(self.layout.lock)
        assert held is not None
        with (self.layout.root / "server.log").open("ab") as log, os.fdopen(held):
            subprocess.Popen(
                [sys.executable, "-m", self.server, str(self.layout.root), "0", str(held)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=_ROOT,
                pass_fds=(held,),
            )
        eventually(lambda: process.running(self.layout), seconds=60)

    def crash(self) -> None:
        """Kills the server with SIGKILL; what it had started has to end by itself."""
        processes.kill_server(self.pid)


@contextmanager
def own_system(server: str = System.server) -> Iterator[System]:
    """A system in a temporary directory, set up, and gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="nrti-chaos-") as home:
        system = System(Path(home), server=server)
        try:
            system.set_up()
            yield system
        finally:
            process.destroy(system.layout)
