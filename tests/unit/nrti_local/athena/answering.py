"""Runs expressions as the embedded Athena does, all of them on one connection to DuckDB."""

from __future__ import annotations

import re

import duckdb
from sqlglot import exp

from nrti_local.athena import connections
from nrti_local.athena.errors import AthenaError
from nrti_local.athena.executions.render import render
from nrti_local.athena.failures import failure
from nrti_local.athena.sql import parse
from nrti_local.athena.trino import macros
from nrti_local.athena.trino.scope import Relation, Statement
from nrti_local.athena.trino.translation import translated


class Answering:
    """A connection to DuckDB."""

    def __init__(self) -> None:
        self._database = connections.take()

    def of(self, expression: str) -> str:
        """Returns the answer to `select expression`: NULL is `null`, and an error begins with `error `."""
        try:
            return self._of(f"select {expression}")
        except AthenaError as error:
            return f"error {error}"
        except duckdb.Error as error:
            return f"error {failure(str(error))}"

    def _of(self, sql: str) -> str:
        relation = translated(sql, parse(sql), Statement(table=_no_table))
        kind = relation.columns[0][1]
        text = f"SELECT {render('c', kind)}, TYPEOF(c) FROM ({relation.sql}) q(c)"  # noqa: S608 (translated)
        for statement in macros.needed(text):
            self._database.execute(statement)
        value, actual = self._database.execute(text).fetchall()[0]
        assert kind.name == "unknown" or _plain(actual) == _plain(kind.duckdb), f"{actual}, not {kind.duckdb}"
        return "null" if value is None else str(value)

    def close(self) -> None:
        self._database.close()


def _plain(kind: str) -> str:
    return re.sub(r'[" ]', "", kind)


def _no_table(node: exp.Table) -> Relation:
    raise AssertionError(node)
