"""The file of events that were not accepted in the end, for `nrti produce --input`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from nrti_cli.events import Event
from nrti_cli.linefile import EVENTS, append, require_appendable, write


def default_path() -> Path:
    """A new name in the current directory, with the time of day."""
    return Path(f"nrti-unsent-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.jsonl")


class Unsent:
    """Writes events as JSON lines; the file is created with the first one, or appended to.

    Raises:
        UsageError: the file cannot be written, or holds something else; this is checked before anything is
            sent.
    """

    def __init__(self, path: Path) -> None:
        require_appendable(path, EVENTS)
        self.path = path
        self._file: int | None = None

    def write(self, events: Iterable[Event]) -> None:
        """Appends events; they are on the disk even if the process is killed right after."""
        if self._file is None:
            self._file = append(self.path, EVENTS)
        lines = (json.dumps(event, separators=(",", ":")) + "\n" for event in events)
        write(self._file, "".join(lines).encode(), self.path)

    def close(self) -> None:
        """Closes the file, if there is one."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
