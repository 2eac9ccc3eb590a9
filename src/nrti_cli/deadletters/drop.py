"""Takes dead letters out of the queue for good; a file has each of them before it goes."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from nrti_cli.aws.sqs import tens
from nrti_cli.deadletters.letter import Letter
from nrti_cli.deadletters.report import Report
from nrti_cli.deadletters.sweep import Sweep
from nrti_cli.errors import NrtiError, UsageError


class Archive:
    """A file of letters, one a line of JSON; one that exists is appended to.

    Attributes:
        path: where it is.

    Raises:
        UsageError: it cannot be written. That is found out before anything is dropped.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written ({error.strerror})", hint="name another file with --drop"
            ) from error

    def write(self, letters: Iterable[Letter]) -> None:
        """Adds letters; they are on the disk when it returns.

        Raises:
            NrtiError: they are not; some may be.
        """
        try:
            self._file.writelines(json.dumps(letter.record()) + "\n" for letter in letters)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise NrtiError(
                f"{self.path} cannot be written ({error.strerror}), what is not in it was not dropped",
                hint="name another file with --drop",
            ) from error

    def close(self) -> None:
        """Closes the file, and removes it if nothing was ever written to it."""
        with contextlib.suppress(OSError):  # what was not written has been told
            self._file.close()
        if self.path.is_file() and not self.path.stat().st_size:
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
