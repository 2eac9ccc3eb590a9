"""The database of the saved state: opened, looked at, and changed in one transaction."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from nrti_local.durability.journal import Horizon

#: Items and records have row ids: without, SQLite gives each that is longer than 1 KB a page of its own.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS service (name TEXT PRIMARY KEY, state TEXT);
CREATE TABLE IF NOT EXISTS blob (digest TEXT PRIMARY KEY, content BLOB);
CREATE TABLE IF NOT EXISTS item (
    owner TEXT, hash TEXT, range TEXT, item BLOB, PRIMARY KEY (owner, hash, range));
CREATE TABLE IF NOT EXISTS record (
    sequence TEXT, number TEXT, record BLOB, PRIMARY KEY (sequence, number));
CREATE TABLE IF NOT EXISTS owner (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sequence (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS horizon (through INTEGER, open TEXT);
"""
#: How long a start waits for the last snapshot of a server that was killed.
_BUSY_SECONDS = 30.0


class SavedStateError(Exception):
    """The saved state cannot be read or written."""


@contextlib.contextmanager
def transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """Opens the database, made if need be, for one transaction: all of it gets to the disk, or nothing.

    Raises:
        SavedStateError: it is corrupt, or the disk is full, or it cannot be written.
    """
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=_BUSY_SECONDS)) as db:
            db.execute("PRAGMA synchronous=EXTRA")
            db.executescript(_SCHEMA)
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
    except sqlite3.Error as error:
        raise SavedStateError(f"the saved state {path} cannot be used ({error})") from error


def examine(path: Path) -> None:
    """Reads all of the database once.

    Raises:
        SavedStateError: it is corrupt.
    """
    with transaction(path) as db:
        problem = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if problem != "ok":
        raise SavedStateError(f"the saved state {path} is corrupt ({problem})")


def horizon(db: sqlite3.Connection) -> Horizon:
    """How far in the journal the saved state goes."""
    row = db.execute("SELECT through, open FROM horizon").fetchone()
    return Horizon(row[0], frozenset(json.loads(row[1]))) if row else Horizon()


def set_horizon(db: sqlite3.Connection, reached: Horizon) -> None:
    """Saves how far it goes."""
    db.execute("DELETE FROM horizon")
    db.execute("INSERT INTO horizon VALUES (?, ?)", (reached.through, json.dumps(sorted(reached.open))))
