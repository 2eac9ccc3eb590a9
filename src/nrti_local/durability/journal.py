"""Writes an execution down before it is acknowledged, and keeps it until a snapshot holds its outcome.

Many executions share one write to the disk: while one batch is being written, the next one gathers. An entry
may go when the state of a moment at which its execution was over is saved; until then a restart runs it
again, which stores the same items once more under the same keys.
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

#: A row is what was written together: SQLite gives the interpreter away with each statement, and it takes up
#: to a switch interval to get it back from a busy event loop.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS accepted (first INTEGER PRIMARY KEY, last INTEGER, entries TEXT)
"""


class JournalError(Exception):
    """The journal cannot be read or written."""


class Entry(NamedTuple):
    """An accepted execution: all that it takes to run it again as it was.

    Attributes:
        account: and `region`, of the request that started it.
        machine: the ARN of the state machine.
        execution: its ARN.
        name: its name.
        started: ISO 8601.
        input: as it was made from the request, so that ids and times are those of the first run.
    """

    account: str
    region: str
    machine: str
    execution: str
    name: str
    started: str
    input: str


@dataclass(frozen=True)
class Horizon:
    """How far a moment's state goes: the outcomes of all entries up to `through`, but for the open ones."""

    through: int = 0
    open: frozenset[int] = frozenset()

    def holds(self, number: int) -> bool:
        """Whether the outcome of an entry is in that state."""
        return number <= self.through and number not in self.open


_Job = tuple[int, Entry, Future[None]] | Horizon | None


class Journal:
    """The accepted executions, in an SQLite database that one thread writes.

    Args:
        path: the database, made if need be.
        saved: how far the saved state goes; what it holds is dropped from the journal.

    Attributes:
        path: as given.
        settle: has a function called that tells all who wait for a batch. A server has it called on its loop:
            two threads that share a future wait for each other.
        unfinished: what it held when it was opened, by number: to be run again.
        ended: counts what has ended, so that others see whether anything did.

    Raises:
        JournalError: it cannot be used.
    """

    def __init__(self, path: Path, saved: Horizon) -> None:
        self.path = path
        self.settle: Callable[[Callable[[], None]], object] = lambda tell: tell()
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
        self._disk = threading.Lock()
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="journal", daemon=True)
        self._writer.start()

    def _read(self, saved: Horizon) -> dict[int, Entry]:
        """Finds what the saved state does not hold, and drops all rows in which there is nothing of that."""
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
        """Writes an entry down.

        Returns:
            Its number, and a future that is done when it is on the disk; it raises JournalError if it cannot
            be written, and the entry is none then.
        """
        kept: Future[None] = Future()
        with self._numbers:  # over both, so that the numbers of a batch follow each other
            self._last += 1
            number = self._last
            self._open.add(number)
            self._jobs.put((number, entry, kept))
        return number, kept

    def end(self, number: int) -> None:
        """Says that an execution is over and its outcome in the services' memory."""
        with self._numbers:
            self._open.discard(number)
            self.ended += 1

    @contextlib.contextmanager
    def still(self) -> Iterator[Horizon]:
        """Holds the writing up, since a process must not fork in the midst of it, and tells the horizon."""
        with self._disk, self._numbers:
            yield Horizon(self._last, frozenset(self._open))

    def forget(self, saved: Horizon) -> None:
        """Drops what a saved state holds; takes effect soon."""
        self._jobs.put(saved)

    def close(self) -> None:
        """Writes what waits and ends the use of the file."""
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
                    with contextlib.suppress(sqlite3.Error), self._disk:
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
            with self._disk:
                self._db.execute("INSERT INTO accepted VALUES (?, ?, ?)", (first, last, entries))
                self._rows.add((first, last))
        except sqlite3.Error as error:
            failure = JournalError(f"the journal {self.path} cannot be written ({error})")
        self.settle(lambda: self._tell(batch, failure))

    def _tell(self, batch: list[tuple[int, Entry, Future[None]]], failure: JournalError | None) -> None:
        for number, _, kept in batch:
            if failure:
                self.end(number)
                kept.set_exception(failure)
            else:
                kept.set_result(None)

    def _forget(self, saved: Horizon) -> None:
        over = [row for row in self._rows if all(map(saved.holds, range(row[0], row[1] + 1)))]
        numbers = json.dumps([first for first, _ in over])
        # One statement: entries wait meanwhile, and each one more might be another switch interval.
        self._db.execute("DELETE FROM accepted WHERE first IN (SELECT value FROM json_each(?))", (numbers,))
        self._rows.difference_update(over)
