"""The code of functions, by its digest: it belongs to the snapshot whose functions refer to it.

ministack writes it to files, which are no part of a snapshot's transaction. The files are a copy: a snapshot
takes them over into the database, and a start writes them again.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

_SUFFIX = ".zip"


def save(db: sqlite3.Connection, directory: Path) -> None:
    """Makes the database hold the files of a directory, and no others."""
    files = {path.name.removesuffix(_SUFFIX): path for path in directory.glob(f"*{_SUFFIX}")}
    known = {digest for (digest,) in db.execute("SELECT digest FROM blob")}
    db.executemany("DELETE FROM blob WHERE digest = ?", [(digest,) for digest in known - files.keys()])
    for digest in files.keys() - known:
        db.execute("INSERT INTO blob VALUES (?, ?)", (digest, files[digest].read_bytes()))


def restore(db: sqlite3.Connection, directory: Path) -> None:
    """Writes the files that the database holds."""
    directory.mkdir(parents=True, exist_ok=True)
    for digest, content in db.execute("SELECT digest, content FROM blob"):
        (directory / f"{digest}{_SUFFIX}").write_bytes(content)
