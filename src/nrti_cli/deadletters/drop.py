"""Removes dead letters from the queue, after writing them to a file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from nrti_cli.aws.interrupts import interrupt_held
from nrti_cli.aws.sqs import tens
from nrti_cli.deadletters.letter import Letter
from nrti_cli.deadletters.report import Report
from nrti_cli.deadletters.sweep import Sweep
from nrti_cli.errors import NrtiError
from nrti_cli.linefile import Kind, append, write

#: A letter that cannot be parsed has a body instead of events.
_LETTERS = Kind("dead letters", frozenset({"error", "cause"}), "--drop")


class Archive:
    """A file of letters, one JSON object per line; an existing file of letters is appended to.

    Attributes:
        path: of the file.

    Raises:
        UsageError: it cannot be written, or holds something else; this is checked before anything is dropped.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = append(path, _LETTERS)

    def write(self, letters: Iterable[Letter]) -> None:
        """Appends letters; they are on the disk when it returns.

        Raises:
            NrtiError: some or all could not be written.
        """
        lines = (json.dumps(letter.record()) + "\n" for letter in letters)
        try:
            write(self._file, "".join(lines).encode(), self.path)
            os.fsync(self._file)
        except OSError as error:
            raise NrtiError(
                f"{self.path} cannot be written ({error.strerror}); letters not in it were not dropped",
                hint="name another file with --drop",
            ) from error

    def close(self) -> None:
        """Closes the file, and deletes it if it is empty."""
        os.close(self._file)
        if not self.path.stat().st_size:
            self.path.unlink()


def drop(
    sweep: Sweep, letters: Iterable[Letter], archive: Archive, report: Report, on_progress: Callable[[], None]
) -> None:
    """Writes the letters of a sweep to the archive, and deletes them; `on_progress` follows each batch."""
    for some in tens(letters):
        with interrupt_held():
            archive.write(some)
            sweep.remove(*some)
            for letter in some:
                report.dropped(letter)
        on_progress()
