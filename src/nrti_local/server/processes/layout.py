"""Where the embedded AWS keeps its files, all of them under one directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """The files of one embedded AWS.

    Attributes:
        root: the directory that holds all of them.
    """

    root: Path

    @property
    def lock(self) -> Path:
        """Locked by the server while it runs, which shows others that it does."""
        return self.root / "lock"

    @property
    def deploying(self) -> Path:
        """Locked by a command while it deploys, so that no other one deploys."""
        return self.root / "deploying"

    @property
    def running(self) -> Path:
        """Written when the server is ready: its pid, port and address."""
        return self.root / "server.json"

    @property
    def stopping(self) -> Path:
        """Written while the server ends: its current step, in a few words."""
        return self.root / "stopping"

    @property
    def replaying(self) -> Path:
        """Written while executions that the previous server had accepted run again: how many of how many."""
        return self.root / "replaying"

    @property
    def log(self) -> Path:
        """The log of the server and its child processes."""
        return self.root / "server.log"

    @property
    def state(self) -> Path:
        """The state that survives a stop: a directory per service, S3 objects included."""
        return self.root / "state"

    @property
    def port(self) -> Path:
        """The port of the last run."""
        return self.state / "port"

    @property
    def scratch(self) -> Path:
        """Temporary files of this run, such as unpacked Lambda functions; emptied at every start."""
        return self.root / "tmp"
