"""The persistent state: one document per resource, and tags, in SQLite."""

from __future__ import annotations

import json
import logging
import sqlite3
from pathlib import Path
from typing import Any

Document = dict[str, Any]
"""The members of the resource's Describe response, and private ones."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS resource (kind TEXT, name TEXT, document TEXT, PRIMARY KEY (kind, name));
CREATE TABLE IF NOT EXISTS tag (arn TEXT, key TEXT, value TEXT, UNIQUE (arn, key));
"""


#: SQLite's errors on a full disk: an I/O error if the file's memory map cannot grow.
_NO_ROOM = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_logger = logging.getLogger(__name__)


class Store:
    """Documents by kind and name; used in the event loop's thread only.

    When the disk is full, changes stay in memory until they can be written: clients that wait for a job must
    see its end.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        # WAL with NORMAL survives a killed process without an fsync per write.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        self._unwritten: dict[tuple[str, str], str] = {}

    def get(self, kind: str, name: str) -> Document | None:
        """Returns a copy of the document, or None."""
        if (kind, name) in self._unwritten:
            return json.loads(self._unwritten[kind, name])  # type: ignore[no-any-return]
        row = self._db.execute(
            "SELECT document FROM resource WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def all(self, kind: str) -> list[Document]:
        """Returns copies of all documents of a kind, by name."""
        rows = self._db.execute("SELECT name, document FROM resource WHERE kind = ?", (kind,))
        documents = dict(rows)
        documents |= {name: document for (of, name), document in self._unwritten.items() if of == kind}
        return [json.loads(document) for _, document in sorted(documents.items())]

    def put(self, kind: str, name: str, document: Document) -> None:
        """Stores or replaces a document."""
        self._unwritten[kind, name] = json.dumps(document)
        try:
            for (of, other), text in list(self._unwritten.items()):
                self._db.execute("INSERT OR REPLACE INTO resource VALUES (?, ?, ?)", (of, other, text))
                del self._unwritten[of, other]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _NO_ROOM:
                raise
            _logger.error("%s %s cannot be written (%s); it is tried again with the next", kind, name, error)  # noqa: TRY400

    def delete(self, kind: str, name: str) -> None:
        """Deletes a document, if it exists."""
        self._unwritten.pop((kind, name), None)
        self._db.execute("DELETE FROM resource WHERE kind = ? AND name = ?", (kind, name))

    def tags(self, arn: str) -> dict[str, str]:
        """Returns the tags of a resource in the order in which they were first set."""
        return dict(self._db.execute("SELECT key, value FROM tag WHERE arn = ? ORDER BY rowid", (arn,)))

    def tag(self, arn: str, tags: dict[str, str]) -> None:
        """Adds or replaces tags."""
        self._db.executemany(
            "INSERT INTO tag VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            [(arn, key, value) for key, value in tags.items()],
        )

    def untag(self, arn: str, keys: list[str]) -> None:
        """Removes tags; unknown ones are ignored."""
        self._db.executemany("DELETE FROM tag WHERE arn = ? AND key = ?", [(arn, key) for key in keys])

    def close(self) -> None:
        """Closes the database."""
        self._db.close()
