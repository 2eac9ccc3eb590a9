"""Runs a long statement in a separate process, because its translation would hold Python's lock for seconds.

The process reads the catalog and S3 over a pipe, and can be killed at any time. It is started for one
statement and ends with it, which costs a long statement 0.5 s and other statements nothing.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

from nrti_local.athena.catalog.statements import TextResult
from nrti_local.athena.catalog.tables import Store
from nrti_local.athena.engine import Engine, QueryResult
from nrti_local.athena.errors import EXHAUSTED, AthenaError
from nrti_local.athena.executions.execution import CANCELLED
from nrti_local.athena.executions.outputs import Written
from nrti_local.athena.statement_types import statement_type as type_of

#: A statement is long from this length in characters on; translating it takes 30 ms or more.
LONG = 4_000


class IsolatedEngine:
    """The counterpart of `Engine` for a long statement.

    Args:
        sql: as in `Engine`.
        database: as in `Engine`.
        store: as in `Engine`.
        scratch: as in `Engine`.
    """

    def __init__(self, sql: str, database: str, store: Store, scratch: Path) -> None:
        self._store = store
        self._job = (sql, database, scratch)
        self._interrupted = False
        self._connection, other = Pipe()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(other.fileno())],
                stdin=subprocess.PIPE,  # closes when this process ends, which ends the other one
                pass_fds=(other.fileno(),),
            )

    def perform(self) -> QueryResult | Written | TextResult:
        """Runs the statement.

        Raises:
            AthenaError: the statement fails.
        """
        return cast("QueryResult | Written | TextResult", self._answer("perform"))

    def statement_type(self) -> str:
        """Returns the statement's type: DML, DDL or UTILITY.

        Raises:
            MalformedQueryError: Athena rejects the statement at submission.
        """
        return cast("str", self._answer("statement_type"))

    def interrupt(self) -> None:
        """Stops it from another thread, at once."""
        self._interrupted = True
        self._process.kill()

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()
        self._connection.close()

    def _answer(self, task: str) -> Any:
        try:
            self._connection.send((task, *self._job))
            while True:
                kind, *content = self._connection.recv()
                if kind == "answer":
                    return content[0]
                if kind == "error":
                    raise content[0]
                name, arguments = content
                self._connection.send(getattr(self._store, name)(*arguments))
        except (EOFError, OSError) as error:
            raise AthenaError(CANCELLED if self._interrupted else EXHAUSTED) from error


class _RemoteStore:
    """The `Store` at the other end of a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._ask, name)

    def _ask(self, name: str, *arguments: Any) -> Any:
        self._connection.send(("ask", name, arguments))
        return self._connection.recv()


def _run(
    store: Store, task: str, sql: str, database: str, scratch: Path
) -> QueryResult | Written | TextResult | str:
    if task == "statement_type":
        return type_of(sql)
    engine = Engine(sql, database, store, scratch)
    try:
        return engine.perform()
    finally:
        engine.close()


def statement_type(sql: str) -> str:
    """Returns the type of a long statement: DML, DDL or UTILITY.

    Raises:
        MalformedQueryError: Athena rejects the statement at submission.
    """
    engine = IsolatedEngine(sql, "", cast("Store", None), Path(tempfile.gettempdir()))
    try:
        return engine.statement_type()
    finally:
        engine.close()


def main() -> None:
    """Does one task over the connection whose descriptor is the argument."""
    from nrti_local.server.processes.lifeline import end_with_parent

    end_with_parent()
    with Connection(int(sys.argv[1])) as connection, suppress(EOFError, BrokenPipeError):
        job = connection.recv()
        try:
            connection.send(("answer", _run(cast("Store", _RemoteStore(connection)), *job)))
        except Exception as error:  # noqa: BLE001 (it belongs to the statement)
            connection.send(("error", error if isinstance(error, AthenaError) else AthenaError(repr(error))))


if __name__ == "__main__":
    main()
