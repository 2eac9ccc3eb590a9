"""Takes dead letters out of the queue for good; a file has each of them before it goes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from nrti_cli.aws.sqs import tens
from nrti_cli.deadletters.letter import Letter
from nrti_cli.deadletters.report import Report
from nrti_cli.deadletters.sweep import Sweep
from nrti_cli.errors import NrtiError
from nrti_cli.linefile import Kind, append, write

#: A letter that cannot be read has a body in the place of events.
_LETTERS = Kind("dead letters", frozenset({"error", "cause"}), "--drop")


class Archive:
    """A file of letters, one a line of JSON; one that exists and holds letters is appended to.

    Attributes:
        path: where it is.

    Raises:
        UsageError: it cannot be written, or holds something else. That is found out before anything is
            dropped.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = append(path, _LETTERS)

    def write(self, letters: Iterable[Letter]) -> None:
        """Adds letters; they are on the disk when it returns.

        Raises:
            NrtiError: they are not; some may be.
        """
        lines = (json.dumps(letter.record()) + "\n" for letter in letters)
        try:
            write(self._file, "".join(lines).encode(), self.path)
            os.fsync(self._file)
        except OSError as error:
            raise NrtiError(
                f"{self.path} cannot be written ({error.strerror}), what is not in it was not dropped",
                hint="name another file with --drop",
            ) from error

    def close(self) -> None:
        """Closes the file, and removes it if nothing was ever written to it."""
        os.close(self._file)
        if not self.path.stat().st_size:
            self.path.unlink()


def drop(
    sweep: Sweep, letters: Iterable[Letter], archive: Archive, report: Report, tell: Callable[[], None]
) -> None:
    """Writes letters of a sweep to the archive, then deletes them; `tell` is called now and then."""
    for some in tens(letters):
        archive.write(some)
        sweep.remove(*some)
        for letter in some:
            report.dropped(letter)
        tell()
