"""Runs a long statement in a process of its own: to translate it holds Python's lock for seconds.

The process asks for what it needs of the catalogue and of S3 over a pipe, and can be killed at any moment. It
is started for one statement and ends with it, which costs 0.5 s for a long statement and nothing for others.
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

from nrti_local.athena.engine import Engine, QueryResult
from nrti_local.athena.errors import EXHAUSTED, AthenaError
from nrti_local.athena.execution import CANCELLED
from nrti_local.athena.statement_types import statement_type as type_of
from nrti_local.athena.tables import Store

#: From this length in characters a statement is long; to translate as many takes some 30 ms.
LONG = 4_000


class IsolatedEngine:
    """Does for a long statement what `Engine` does for others.

    Args:
        sql: as that of `Engine`.
        database: as that of `Engine`.
        store: as that of `Engine`.
        scratch: as that of `Engine`.
    """

    def __init__(self, sql: str, database: str, store: Store, scratch: Path) -> None:
        self._store = store
        self._job = (sql, database, scratch)
        self._interrupted = False
        self._connection, other = Pipe()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(other.fileno())],
                stdin=subprocess.PIPE,  # closes with this process, which ends the other one
                pass_fds=(other.fileno(),),
            )

    def perform(self) -> QueryResult | list[str]:
        """Runs the statement.

        Raises:
            AthenaError: the statement fails.
        """
        return cast("QueryResult | list[str]", self._answer("perform"))

    def statement_type(self) -> str:
        """Returns the statement's type: DML, DDL or UTILITY.

        Raises:
            MalformedQueryError: Athena refuses the statement at submission.
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


def _run(store: Store, task: str, sql: str, database: str, scratch: Path) -> QueryResult | list[str] | str:
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
        MalformedQueryError: Athena refuses the statement at submission.
    """
    engine = IsolatedEngine(sql, "", cast("Store", None), Path(tempfile.gettempdir()))
    try:
        return engine.statement_type()
    finally:
        engine.close()


def main() -> None:
    """Does one task over the connection whose descriptor is the argument."""
    from nrti_local.server.lifeline import end_with_parent

    end_with_parent()
    with Connection(int(sys.argv[1])) as connection, suppress(EOFError, BrokenPipeError):
        job = connection.recv()
        try:
            connection.send(("answer", _run(cast("Store", _RemoteStore(connection)), *job)))
        except Exception as error:  # noqa: BLE001 (it belongs to the statement)
            connection.send(("error", error if isinstance(error, AthenaError) else AthenaError(repr(error))))


if __name__ == "__main__":
    main()
