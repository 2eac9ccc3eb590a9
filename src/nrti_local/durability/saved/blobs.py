"""The code of functions, by its digest: it belongs to the snapshot whose functions name it."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator

_databases: list[sqlite3.Connection] = []


@contextlib.contextmanager
def kept_in(db: sqlite3.Connection) -> Iterator[None]:
    """Lets the functions below use a database, as long as the block takes."""
    _databases.append(db)
    try:
        yield
    finally:
        _databases.pop()


def write(content: bytes) -> str:
    """Keeps a blob and returns its digest."""
    digest = hashlib.sha256(content).hexdigest()
    db = _databases[-1]
    if not db.execute("SELECT 1 FROM blob WHERE digest = ?", (digest,)).fetchone():
        db.execute("INSERT INTO blob VALUES (?, ?)", (digest, content))
    return digest


def read(digest: str) -> bytes:
    """Returns a blob.

    Raises:
        LookupError: it is not there.
    """
    row = _databases[-1].execute("SELECT content FROM blob WHERE digest = ?", (digest,)).fetchone()
    if row is None:
        raise LookupError(f"the saved state lacks the code {digest}")
    content: bytes = row[0]
    return content


def keep_only(digests: set[str]) -> None:
    """Drops all other blobs."""
    there = {digest for (digest,) in _databases[-1].execute("SELECT digest FROM blob")}
    _databases[-1].executemany("DELETE FROM blob WHERE digest = ?", [(digest,) for digest in there - digests])
