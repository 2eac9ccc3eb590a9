"""The file of events that were finally not accepted; `nrti produce --input` sends it again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from nrti_cli.errors import UsageError
from nrti_cli.events import Event


def default_path() -> Path:
    """A new name in the current directory, by the time of day."""
    return Path(f"nrti-unsent-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.jsonl")


class Unsent:
    """Writes events as JSON lines; the file is made with the first one.

    Raises:
        UsageError: the file exists, or cannot be made. That is found out before anything is sent.
    """

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise UsageError(f"{path} exists and may hold events", hint="name another file with --unsent")
        if not os.access(path.absolute().parent, os.W_OK | os.X_OK):
            raise UsageError(
                f"{path} could not be written if events are not accepted",
                hint="name a file in a writable directory with --unsent",
            )
        self.path = path
        self._file: TextIO | None = None

    def write(self, events: Iterable[Event]) -> None:
        """Adds events, and leaves them on disk even if the process is killed right after."""
        if self._file is None:
            self._file = self.path.open("x", encoding="utf-8")
        self._file.writelines(json.dumps(event, separators=(",", ":")) + "\n" for event in events)
        self._file.flush()

    def close(self) -> None:
        """Closes the file, if there is one."""
        if self._file:
            self._file.close()
