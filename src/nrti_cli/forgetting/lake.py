"""The rows of a sensor in the raw tables of the lake: finds their files, and rewrites these without them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.aws.glue import RawTable, raw_tables
from nrti_cli.aws.s3.files import ChangedError, StoredFile, StoredFiles
from nrti_cli.aws.s3.objects import split_uri
from nrti_cli.errors import NrtiError
from nrti_cli.forgetting import rows
from nrti_cli.forgetting.rows import Wanted

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs

#: Files that are read at the same time, each over a connection of the client.
_READERS = 10
#: Attempts to rewrite a file that something else rewrites meanwhile.
_ATTEMPTS = 5


@dataclass(frozen=True)
class Part:
    """A file with wanted rows, and the ids of their events."""

    file: StoredFile
    events: list[str | None]


class LakeTable:
    """The files of one raw table.

    Args:
        target: the AWS.
        table: the raw table.
    """

    def __init__(self, target: Target, table: RawTable) -> None:
        bucket, self._prefix = split_uri(table.location)
        self.name = table.name
        self._files = StoredFiles(target, bucket)
        #: The files that were looked into; rewriting one makes another.
        self._seen: set[StoredFile] = set()

    def find(self, wanted: Wanted) -> Iterator[Part]:
        """The files with wanted rows; files that an earlier call has seen are skipped."""
        files = [file for file in self._files.under(self._prefix) if file.size and file not in self._seen]
        with ThreadPoolExecutor(_READERS, thread_name_prefix="lake") as threads:
            for part in threads.map(lambda file: self._look(file, wanted), files):
                if part.events:
                    yield part
        self._seen.update(files)

    def _look(self, file: StoredFile, wanted: Wanted) -> Part:
        try:
            return Part(file, rows.found(self._files.open(file), wanted))
        except ChangedError:  # deleted, or rewritten: the next call finds it again, under another tag
            return Part(file, [])

    def remove(self, part: Part, wanted: Wanted) -> int:
        """Rewrites a file without the wanted rows, or deletes it if it has no others; returns their number.

        A file is replaced in one step. One that something else replaces first is read again.

        Raises:
            NrtiError: something else replaces it again and again.
        """
        file: StoredFile | None = part.file
        for _ in range(_ATTEMPTS):
            if file is None:
                return 0
            try:
                return self._rewrite(file, wanted)
            except ChangedError:
                file = next((each for each in self._files.under(file.key) if each.key == part.file.key), None)
        raise NrtiError(
            f"{part.file.key} of {self.name} changes all the time",
            hint="run nrti forget again when nothing else rewrites the lake",
        )

    def _rewrite(self, file: StoredFile, wanted: Wanted) -> int:
        content, removed = rows.without(self._files.read(file), wanted)
        if content is None:
            self._files.delete(file)
        elif removed:
            self._files.replace(file, content)
        return removed


def tables(target: Target, stack: Outputs) -> list[LakeTable]:
    """The raw tables with rows of sensors, that of the predictions last: others refer to its events."""
    found = [table for table in raw_tables(target, stack.database) if "sensor" in table.columns]
    found.sort(key=lambda table: "prediction" in table.columns)
    return [LakeTable(target, table) for table in found]
