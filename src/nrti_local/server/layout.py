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
        """Locked by the server for as long as it lives, which is how others know that it does."""
        return self.root / "lock"

    @property
    def deploying(self) -> Path:
        """Locked by a command for as long as it deploys, so that no other one does."""
        return self.root / "deploying"

    @property
    def running(self) -> Path:
        """Written when the server is ready: its pid, port and address."""
        return self.root / "server.json"

    @property
    def stopping(self) -> Path:
        """Written while the server ends: what it is doing for that, in a few words."""
        return self.root / "stopping"

    @property
    def replaying(self) -> Path:
        """Written while what the last server had accepted runs again: how many have, of how many."""
        return self.root / "replaying"

    @property
    def log(self) -> Path:
        """What the server and its children say."""
        return self.root / "server.log"

    @property
    def state(self) -> Path:
        """What survives a stop: a directory per service, S3 objects included."""
        return self.root / "state"

    @property
    def scratch(self) -> Path:
        """Temporary files of this run, the unpacked Lambda functions for instance; emptied at every start."""
        return self.root / "tmp"
