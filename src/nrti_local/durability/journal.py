"""The journal: writes an execution to disk before it is acknowledged, and keeps it until a snapshot.

Executions share writes to the disk: while one batch is written, the next one gathers. An entry is deleted
when a snapshot contains the result of its execution; until then a restart runs the execution again, which
stores the same items under the same keys.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple

from nrti_local.durability.forks import SQLITE

#: A row is a batch: SQLite releases the interpreter's lock with each statement, and getting it back from a
#: busy event loop takes up to a switch interval.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS accepted (first INTEGER PRIMARY KEY, last INTEGER, entries TEXT)
"""


class JournalError(Exception):
    """The journal cannot be read or written."""


class Entry(NamedTuple):
    """An accepted execution, with everything that running it again needs.

    Attributes:
        account: and `region`, of the request that started it.
        machine: the ARN of the state machine.
        execution: its ARN.
        name: its name.
        started: ISO 8601.
        input: as made from the request, so that a repetition has the same ids and times.
        nested: whether another execution started it.
    """

    account: str
    region: str
    machine: str
    execution: str
    name: str
    started: str
    input: str
    nested: bool = False


@dataclass(frozen=True)
class Horizon:
    """The entries whose results a state contains: all up to `through`, except the open ones."""

    through: int = 0
    open: frozenset[int] = frozenset()

    def holds(self, number: int) -> bool:
        """Whether the state contains the result of an entry."""
        return number <= self.through and number not in self.open


_Job = tuple[int, Entry, Future[None]] | Horizon | None


class Journal:
    """The accepted executions, in an SQLite database that one thread writes.

    Args:
        path: of the database, which is created if it does not exist.
        saved: the entries whose results the saved state contains; they are deleted.

    Attributes:
        path: as given.
        settle: calls a function that completes the futures of a batch. A server calls it on its event loop:
            two threads that share a future wait for each other.
        unfinished: the entries at the start, by number, which have to run again.
        ended: the number of executions that have ended.

    Raises:
        JournalError: it cannot be used.
    """

    def __init__(self, path: Path, saved: Horizon) -> None:
        self.path = path
        self.settle: Callable[[Callable[[], None]], object] = lambda complete: complete()
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute(_SCHEMA)
            problem = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if problem != "ok":
                raise sqlite3.DatabaseError(problem)
            self.unfinished = self._read(saved)
        except sqlite3.Error as error:
            raise JournalError(f"the journal {path} cannot be used ({error})") from error
        self._last = max([saved.through, *self.unfinished])
        self._open = set(self.unfinished)
        self.ended = 0
        self._numbers = threading.Lock()
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="journal", daemon=True)
        self._writer.start()

    def _read(self, saved: Horizon) -> dict[int, Entry]:
        """Returns the entries that the saved state does not contain, and deletes rows without any."""
        rows = self._db.execute("SELECT first, last, entries FROM accepted ORDER BY first").fetchall()
        self._rows = {(first, last) for first, last, _ in rows}
        self._forget(saved)
        return {
            number: Entry(*entry)
            for first, _, entries in rows
            for number, entry in enumerate(json.loads(entries), first)
            if not saved.holds(number)
        }

    def append(self, entry: Entry) -> tuple[int, Future[None]]:
        """Writes an entry to the disk.

        Returns:
            Its number, and a future that completes when it is on the disk. The future raises JournalError
            if it cannot be written; the entry does not exist then.
        """
        kept: Future[None] = Future()
        with self._numbers:  # for both, so that the numbers of a batch are consecutive
            self._last += 1
            number = self._last
            self._open.add(number)
            self._jobs.put((number, entry, kept))
        return number, kept

    def end(self, number: int) -> None:
        """Marks an execution as ended, with its result in the services' memory."""
        with self._numbers:
            self._open.discard(number)
            self.ended += 1

    @contextlib.contextmanager
    def still(self) -> Iterator[Horizon]:
        """Pauses writing, so that the process can fork, and returns the current horizon."""
        with SQLITE, self._numbers:
            yield Horizon(self._last, frozenset(self._open))

    def forget(self, saved: Horizon) -> None:
        """Deletes the entries that a saved state contains, in the background."""
        self._jobs.put(saved)

    def close(self) -> None:
        """Writes the pending entries and closes the file."""
        self._jobs.put(None)
        self._writer.join()
        self._db.close()

    def _write(self) -> None:
        while True:
            batch = [self._jobs.get()]
            with contextlib.suppress(Empty):
                while True:
                    batch.append(self._jobs.get_nowait())
            self._keep([job for job in batch if isinstance(job, tuple)])
            for job in batch:
                if isinstance(job, Horizon):
                    with contextlib.suppress(sqlite3.Error), SQLITE:
                        self._forget(job)
            if None in batch:
                return

    def _keep(self, batch: list[tuple[int, Entry, Future[None]]]) -> None:
        if not batch:
            return
        first, last = batch[0][0], batch[-1][0]
        entries = json.dumps([entry for _, entry, _ in batch])
        failure: JournalError | None = None
        try:
            with SQLITE:
                self._db.execute("INSERT INTO accepted VALUES (?, ?, ?)", (first, last, entries))
                self._rows.add((first, last))
        except sqlite3.Error as error:
            failure = JournalError(f"the journal {self.path} cannot be written ({error})")
        self.settle(lambda: self._complete(batch, failure))

    def _complete(self, batch: list[tuple[int, Entry, Future[None]]], failure: JournalError | None) -> None:
        for number, _, kept in batch:
            if failure:
                self.end(number)
                kept.set_exception(failure)
            else:
                kept.set_result(None)

    def _forget(self, saved: Horizon) -> None:
        over = [row for row in self._rows if all(map(saved.holds, range(row[0], row[1] + 1)))]
        numbers = json.dumps([first for first, _ in over])
        # One statement: entries wait, and each statement may take another switch interval.
        self._db.execute("DELETE FROM accepted WHERE first IN (SELECT value FROM json_each(?))", (numbers,))
        self._rows.difference_update(over)
