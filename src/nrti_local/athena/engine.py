# ruff: noqa: S608 (SQL is what this module writes; every value in it goes through `literal`)
"""Runs one query in a separate DuckDB that can access only the tables' files."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from nrti_local.athena import connections, explain, writing
from nrti_local.athena.catalog import hidden_columns, system_tables, tables
from nrti_local.athena.catalog.injected_keys import check_injected
from nrti_local.athena.catalog.local_files import LocalFiles
from nrti_local.athena.catalog.objects import objects
from nrti_local.athena.catalog.partitions import matching_partitions, partition_conditions
from nrti_local.athena.catalog.relations import relation
from nrti_local.athena.catalog.statements import TextResult
from nrti_local.athena.catalog.views import open_views
from nrti_local.athena.errors import EXHAUSTED, AthenaError, from_engine_error
from nrti_local.athena.executions.execution import CANCELLED
from nrti_local.athena.executions.outputs import Written
from nrti_local.athena.executions.render import ResultColumn, render, result_column
from nrti_local.athena.explain import Explain
from nrti_local.athena.sql import literal, parse
from nrti_local.athena.trino import macros
from nrti_local.athena.trino.scope import Relation, Statement
from nrti_local.athena.trino.translation import translated
from nrti_local.athena.trino.types import quoted
from nrti_local.athena.writing import Write

#: The largest result in bytes; it is held in memory while it is written to S3.
LARGEST_RESULT = 1 << 30


@dataclass(frozen=True)
class QueryResult:
    """The result of a query.

    Attributes:
        columns: the result's columns.
        rows: a CSV file without a header; every value is quoted, NULL is empty.
        scanned: the total size in bytes of the objects read.
        planning_ms: milliseconds until the engine started reading.
    """

    columns: list[ResultColumn]
    rows: Path
    scanned: int
    planning_ms: int


class Engine:
    """The DuckDB instance of one query.

    Args:
        sql: the statement as submitted.
        database: the default database of table names.
        store: the catalog and the objects.
        scratch: an empty directory for the result and for copies of objects.
    """

    def __init__(self, sql: str, database: str, store: tables.Store, scratch: Path) -> None:
        self._sql = sql
        self._database = database
        self._store = store
        self._scratch = scratch
        self._files = LocalFiles(store, scratch)
        self._resolved: dict[tuple[str, str], tables.GlueTable] = {}
        self._used: list[tuple[exp.Table, tables.GlueTable]] = []
        self._hidden = False
        self._scanned = 0
        self._directories = {scratch}
        self._closed = threading.Event()
        self._connection = connections.take()
        self._rows(f"SET temp_directory = {literal(scratch / 'spill')}")

    def interrupt(self) -> None:
        """Stops the query from another thread; returns at once."""
        threading.Thread(target=self._interrupt_until_closed, daemon=True).start()

    def _interrupt_until_closed(self) -> None:
        """Repeats the interrupt: DuckDB ignores one that arrives before a statement starts."""
        with suppress(duckdb.Error):
            while not self._closed.wait(0.05):
                self._connection.interrupt()

    def close(self) -> None:
        """Closes the database and frees its memory."""
        self._closed.set()
        self._connection.close()

    def perform(self) -> QueryResult | Written | TextResult:
        """Runs a query, EXPLAIN of a query, or a statement that writes the result of a query.

        Raises:
            AthenaError: the query fails; the text is Athena's.
        """
        if write := writing.parse(self._sql):
            return self.write(write)
        if explained := explain.parse(self._sql):
            return self.explain(explained)
        return self.run(parse(self._sql))

    def run(self, query: exp.Query) -> QueryResult:
        """Runs a query; modifies `query`.

        Raises:
            AthenaError: the query fails; the text is Athena's.
        """
        with self._explaining(query):
            return self._run(query, time.monotonic())

    def write(self, write: Write) -> Written:
        """Writes the result of the query in a CREATE TABLE AS or an UNLOAD into files.

        Raises:
            AthenaError: the query fails; the text is Athena's.
        """
        query = parse(write.query)
        with self._explaining(query):
            started = time.monotonic()
            options = write.options()
            relation = self._prepare(query)
            writing.check_columns(relation.columns)
            planned = time.monotonic()
            root = self._scratch / "written"
            rows = 0 if write.empty else self._write_files(relation, write, options, root)
            files = sorted(path for path in root.rglob("*") if path.is_file())
            spent = int((planned - started) * 1000)
            return Written(write, relation.columns, files, root, rows, self._scanned, spent)

    def _write_files(self, relation: Relation, write: Write, options: str, root: Path) -> int:
        """Writes the files; returns the number of rows."""
        items = ", ".join(
            f"CAST(c{index} AS {kind.duckdb}) AS {quoted(name.lower())}"
            for index, (name, kind) in enumerate(relation.columns)
        )
        inner = ", ".join(f"c{index}" for index in range(len(relation.columns)))
        select = f"SELECT {items} FROM ({relation.sql}) q({inner})"
        root.mkdir()
        target = root if write.partitions else root / f"data{write.ending}"
        keys = ", ".join(quoted(name) for name in write.partitions)
        by = f", PARTITION_BY ({keys}), FILENAME_PATTERN 'data{{i}}'" if keys else ""
        ((rows,),) = self._rows(f"COPY ({select}) TO {literal(target)} ({options}{by})")
        return int(rows)

    def explain(self, explained: Explain) -> TextResult:
        """Returns the lines of DuckDB's plan for a query, or that the query is valid.

        Raises:
            AthenaError: the query fails; the text is Athena's.
        """
        query = parse(explained.query)
        with self._explaining(query):
            plan = self._rows(f"EXPLAIN {self._prepare(query).sql}")
        if explained.validates:
            return TextResult(["Valid"], [["true"]])
        return TextResult(["Query Plan"], [[line] for row in plan for line in str(row[1]).splitlines()])

    @contextmanager
    def _explaining(self, query: exp.Query) -> Iterator[None]:
        original = query.copy()
        try:
            yield
        except duckdb.InterruptException as error:
            raise AthenaError(CANCELLED) from error
        except (duckdb.Error, RecursionError) as error:
            raise from_engine_error(self._sql, original, str(error)) from error

    def _run(self, query: exp.Query, started: float) -> QueryResult:
        relation = self._prepare(query)
        self._connection.sql(relation.sql)
        planned = time.monotonic()
        result = self._scratch / "result.csv"
        self._write(relation, result)
        if result.stat().st_size > LARGEST_RESULT:
            raise AthenaError(EXHAUSTED)
        columns = [
            result_column(name or f"_col{index}", kind) for index, (name, kind) in enumerate(relation.columns)
        ]
        return QueryResult(columns, result, self._scanned, int((planned - started) * 1000))

    def _write(self, relation: Relation, result: Path) -> None:
        """Has DuckDB write the CSV: rows passing through Python would hold the lock that the server needs."""
        kinds = [kind for _, kind in relation.columns]
        inner = ", ".join(f"c{index}" for index in range(len(kinds)))
        texts = ", ".join(render(f"CAST(c{i} AS {kind.duckdb})", kind) for i, kind in enumerate(kinds))
        select = f"SELECT {texts} FROM ({relation.sql}) q({inner})"
        self._create_macros(select)
        self._rows(f"COPY ({select}) TO {literal(result)} (FORMAT csv, HEADER false, FORCE_QUOTE *)")

    def _prepare(self, query: exp.Query) -> Relation:
        """Translates a query, gives DuckDB its tables, and restricts DuckDB to their files."""
        open_views(query, self._sql, self._database, self._cataloged)
        self._hidden = hidden_columns.used(query)
        relation = translated(self._sql, query, Statement(self._table))
        for number, (node, table) in enumerate(self._used):
            self._rows(f"CREATE TEMP VIEW t{number} AS {self._relation(node, table)}")
        self._create_macros(relation.sql)
        self._confine()
        return relation

    def _create_macros(self, sql: str) -> None:
        for statement in macros.needed(sql):
            self._rows(statement)

    def _table(self, node: exp.Table) -> Relation:
        """Returns the relation of a table, whose files are read once the whole query has been translated."""
        if node.db.lower() == "information_schema":
            return system_tables.information_schema(node, self._store)
        if system_tables.is_system(node):
            table = self._resolve(system_tables.without_suffix(node), self._sql)
            return system_tables.partitions(table, self._store)
        table = self._resolve(node, self._sql)
        self._used.append((node, table))
        columns = [*table.typed_columns, *(hidden_columns.COLUMNS if self._hidden else [])]
        hidden = len(columns) - len(table.typed_columns)
        return Relation(f"SELECT * FROM t{len(self._used) - 1}", columns, hidden)

    def _cataloged(self, node: exp.Table, sql: str) -> tables.GlueTable | None:
        return None if system_tables.is_system(node) else self._resolve(node, sql)

    def _resolve(self, node: exp.Table, sql: str) -> tables.GlueTable:
        name = node.db, node.name  # read once, so that the whole query sees one version of the table
        if name not in self._resolved:
            self._resolved[name] = tables.resolve(sql, node, self._database, self._store)
        return self._resolved[name]

    def _relation(self, node: exp.Table, table: tables.GlueTable) -> str:
        if table.projected:
            check_injected(node, table)
        conditions = partition_conditions(node, table)
        select = partial(matching_partitions, table, conditions, self._rows) if conditions else None
        found = objects(table, self._store, select)
        files = self._files.of(table, found)
        self._directories.update(path.parent for path in files)
        self._directories.update(path.resolve().parent for path in files if path.is_symlink())
        self._scanned += sum(each.size for each in found)
        return hidden_columns.relation(table, found, self._files) if self._hidden else relation(table, files)

    def _confine(self) -> None:
        allowed = ", ".join(literal(f"{directory}/") for directory in self._directories)
        self._rows(f"SET allowed_directories = [{allowed}]")
        self._rows("SET enable_external_access = false")
        self._rows("SET lock_configuration = true")

    def _rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, parameters or None).fetchall()
