"""The database of the saved state: opened, examined, and changed in one transaction."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from nrti_local.durability.journal import Horizon

#: Items and records have row ids: without them SQLite uses a page for each row that is longer than 1 KB.
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
#: How long a start waits for the last snapshot of a killed server.
_BUSY_SECONDS = 30.0


class SavedStateError(Exception):
    """The saved state cannot be read or written."""


@contextlib.contextmanager
def transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """Opens the database for one transaction, and creates it if it does not exist.

    Raises:
        SavedStateError: it is corrupt, the disk is full, or it cannot be written.
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
    """Reads the whole database once.

    Raises:
        SavedStateError: it is corrupt.
    """
    with transaction(path) as db:
        problem = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if problem != "ok":
        raise SavedStateError(f"the saved state {path} is corrupt ({problem})")


def horizon(db: sqlite3.Connection) -> Horizon:
    """The part of the journal that the saved state contains."""
    row = db.execute("SELECT through, open FROM horizon").fetchone()
    return Horizon(row[0], frozenset(json.loads(row[1]))) if row else Horizon()


def set_horizon(db: sqlite3.Connection, reached: Horizon) -> None:
    """Saves the part of the journal that the state contains."""
    db.execute("DELETE FROM horizon")
    db.execute("INSERT INTO horizon VALUES (?, ?)", (reached.through, json.dumps(sorted(reached.open))))
