"""A long statement, in a process of its own: it takes seconds to translate, and all that time Python's lock.

The process asks for what it needs of the catalogue and of S3 over a pipe, and can be killed at any moment. It
is started for the statement and ends with it: 0.5 s that only a long one has to pay for.
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

from nrti_local.athena.engine import Engine, Outcome, Plan
from nrti_local.athena.errors import CANCELLED, EXHAUSTED, AthenaError
from nrti_local.athena.sql import parse
from nrti_local.athena.tables import Store

#: From this on a statement is a long one, in characters; to translate as many takes some 30 ms.
LONG = 4_000


class Apart:
    """Does for a long statement what `Engine` does for others.

    Args:
        sql, database, store, scratch: as those of `Engine`.
    """

    def __init__(self, sql: str, database: str, store: Store, scratch: Path) -> None:
        self._store = store
        self._job = (sql, database, scratch)
        self._interrupted = False
        self._connection, other = Pipe()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(other.fileno())],
                stdin=subprocess.PIPE,  # its end is how the process hears of ours
                pass_fds=(other.fileno(),),
            )

    def perform(self) -> Outcome | Plan:
        """Runs the statement.

        Raises:
            AthenaError: as Athena would say it.
        """
        return cast("Outcome | Plan", self._answer("perform"))

    def check(self) -> None:
        """Finds out whether Athena would refuse the statement as a query.

        Raises:
            AthenaError: it would, or its execution would fail at once.
        """
        self._answer("check")

    def interrupt(self) -> None:
        """Stops it from another thread, at once."""
        self._interrupted = True
        self._process.kill()

    def close(self) -> None:
        """Ends the process, whatever it does."""
        self._process.kill()
        self._process.communicate()
        self._connection.close()

    def _answer(self, what: str) -> Any:
        try:
            self._connection.send((what, *self._job))
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


class _Asked:
    """A `Store` at the other end of a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._ask, name)

    def _ask(self, name: str, *arguments: Any) -> Any:
        self._connection.send(("ask", name, arguments))
        return self._connection.recv()


def _do(store: Store, what: str, sql: str, database: str, scratch: Path) -> Outcome | Plan | None:
    if what == "check":
        parse(sql)
        return None
    engine = Engine(sql, database, store, scratch)
    try:
        return engine.perform()
    finally:
        engine.close()


def check(sql: str) -> None:
    """Finds out whether Athena would refuse a long statement as a query.

    Raises:
        AthenaError: it would, or its execution would fail at once.
    """
    nowhere = Path(tempfile.gettempdir())
    apart = Apart(sql, "", cast("Store", None), nowhere)
    try:
        apart.check()
    finally:
        apart.close()


def main() -> None:
    """Does the one thing that it is asked for over the connection whose descriptor is the argument."""
    from nrti_local.server.lifeline import end_with_parent

    end_with_parent()
    with Connection(int(sys.argv[1])) as connection, suppress(EOFError, BrokenPipeError):
        job = connection.recv()
        try:
            connection.send(("answer", _do(cast("Store", _Asked(connection)), *job)))
        except Exception as error:  # noqa: BLE001 (it belongs to the statement)
            connection.send(("error", error if isinstance(error, AthenaError) else AthenaError(repr(error))))


if __name__ == "__main__":
    main()
