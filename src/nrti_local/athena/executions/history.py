"""The history of query executions: unfinished ones in memory, all of them in SQLite."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
from pathlib import Path

from nrti_local.athena.executions.execution import INTERRUPTED, Execution
from nrti_local.durability.forks import SQLITE
from nrti_local.server.shared.errors import ServiceError

#: Athena keeps the history of queries for 45 days.
_RETENTION_SECONDS = 45 * 86_400
_SCHEMA = """
CREATE TABLE IF NOT EXISTS execution (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE, account TEXT, region TEXT, workgroup TEXT, token TEXT,
    parameters TEXT, submitted REAL, finished INTEGER, record TEXT, columns TEXT,
    UNIQUE (account, region, token));
CREATE INDEX IF NOT EXISTS by_workgroup ON execution (account, region, workgroup, number);
"""
_MEMBERS = "account, region, token, parameters, record, columns"
_logger = logging.getLogger(__name__)


class History:
    """The executions of all accounts and regions.

    The database is opened on first use and accessed in threads, because a commit may wait for the disk.

    Args:
        path: the SQLite database; created if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: sqlite3.Connection | None = None
        #: Executions that have not finished, or could not be written yet.
        self._live: dict[str, Execution] = {}

    async def add(self, execution: Execution) -> Execution:
        """Records a submission.

        Returns:
            The execution, or the earlier one with the same token.
        """
        return await asyncio.to_thread(self._add, execution)

    async def save(self, execution: Execution) -> None:
        """Records a finished execution; if the disk is full, the next call of `save` tries again."""
        await asyncio.to_thread(self._save)
        if execution.id in self._live:
            _logger.error("query %s cannot be recorded in %s yet", execution.id, self._path)

    async def find(self, account: str, region: str, query_id: str) -> Execution | None:
        """Returns an execution of an account in a region, or None.

        One that has finished is recorded first: no server that follows may report another end.
        """
        live = self._live.get(query_id)
        if live and live.finished:
            await asyncio.to_thread(self._save)
        if live is None:
            return await asyncio.to_thread(self._find, account, region, "id", query_id)
        return live if (live.account, live.region) == (account, region) else None

    async def page(
        self, account: str, region: str, workgroup: str, before: int | None, size: int
    ) -> tuple[list[str], int | None]:
        """Returns the ids of a work group's executions, the newest first.

        Args:
            account: of the executions.
            region: of the executions.
            workgroup: their work group's name.
            before: what the previous page returned as its end; None for the first page.
            size: the largest number of ids.

        Returns:
            The ids, and the end of the page if there are more.
        """
        return await asyncio.to_thread(self._page, account, region, workgroup, before, size)

    def close(self) -> None:
        """Closes the database."""
        with SQLITE:
            if self._opened:
                self._opened.close()
                self._opened = None

    def _db(self) -> sqlite3.Connection:
        if self._opened is None:
            try:
                self._opened = _open(self._path)
                self._end_interrupted(self._opened)
            except sqlite3.Error as error:
                # An OperationalError, such as a full disk, is no fault of the file.
                advice = "" if isinstance(error, sqlite3.OperationalError) else ": delete that file"
                message = f"the query history {self._path} cannot be used ({error}){advice}"
                raise ServiceError("InternalServerException", message, 500) from error
        return self._opened

    def _end_interrupted(self, db: sqlite3.Connection) -> None:
        """Fails the executions that the previous server left unfinished."""
        for row in db.execute(f"SELECT {_MEMBERS} FROM execution WHERE NOT finished").fetchall():  # noqa: S608
            execution = _execution(row)
            execution.fail(INTERRUPTED)
            _update(db, execution)

    def _add(self, execution: Execution) -> Execution:
        with SQLITE:
            inserted = self._db().execute(
                "INSERT INTO execution (id, account, region, workgroup, token, parameters, submitted, record,"
                " columns, finished) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '[]', 0) ON CONFLICT DO NOTHING",
                (
                    execution.id,
                    execution.account,
                    execution.region,
                    execution.record["WorkGroup"],
                    execution.token,
                    execution.parameters,
                    execution.record["Status"]["SubmissionDateTime"],
                    json.dumps(execution.record),
                ),
            )
            if inserted.rowcount:
                self._live[execution.id] = execution
                return execution
        found = self._find(execution.account, execution.region, "token", execution.token)
        if found is None:
            raise LookupError(f"the query with the token {execution.token} is gone")
        return found

    def _save(self) -> None:
        with SQLITE:
            for execution in [each for each in list(self._live.values()) if each.finished]:
                try:
                    _update(self._db(), execution)
                except sqlite3.OperationalError:
                    return
                del self._live[execution.id]

    def _find(self, account: str, region: str, key: str, value: str) -> Execution | None:
        with SQLITE:
            row = (
                self._db()
                .execute(
                    f"SELECT {_MEMBERS} FROM execution WHERE account = ? AND region = ? AND {key} = ?",  # noqa: S608
                    (account, region, value),
                )
                .fetchone()
            )
        return _execution(row) if row else None

    def _page(
        self, account: str, region: str, workgroup: str, before: int | None, size: int
    ) -> tuple[list[str], int | None]:
        with SQLITE:
            rows = (
                self._db()
                .execute(
                    "SELECT number, id FROM execution WHERE account = ? AND region = ? AND workgroup = ?"
                    " AND number < ? ORDER BY number DESC LIMIT ?",
                    (account, region, workgroup, before or 2**62, size + 1),
                )
                .fetchall()
            )
        return [query_id for _, query_id in rows[:size]], rows[size - 1][0] if len(rows) > size else None


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    # WAL with NORMAL survives a killed process without an fsync per write.
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    db.executescript(_SCHEMA)
    db.execute("DELETE FROM execution WHERE submitted < ?", (time.time() - _RETENTION_SECONDS,))
    return db


def _update(db: sqlite3.Connection, execution: Execution) -> None:
    db.execute(
        "UPDATE execution SET finished = 1, record = ?, columns = ? WHERE id = ?",
        (json.dumps(execution.record), json.dumps(execution.columns), execution.id),
    )


def _execution(row: tuple[str, ...]) -> Execution:
    account, region, token, parameters, record, columns = row
    return Execution(account, region, token, parameters, json.loads(record), json.loads(columns))
