"""Runs query executions on a small pool of threads, and writes their results to S3.

Modules that need sqlglot or DuckDB are imported with the first query, so that the server starts faster.
"""

from __future__ import annotations

import asyncio
import contextvars
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from ministack.services import s3

from nrti_local.athena.executions.execution import CANCELLED, INTERRUPTED, Execution
from nrti_local.athena.executions.history import History
from nrti_local.server.shared.ask import RefusedError, ask

if TYPE_CHECKING:
    from nrti_local.athena.catalog.statements import TextResult
    from nrti_local.athena.engine import Engine, QueryResult
    from nrti_local.athena.executions.outputs import Written
    from nrti_local.athena.isolated import IsolatedEngine
    from nrti_local.athena.writing import Write

#: Concurrent queries of all accounts and regions; further ones are QUEUED, as on AWS.
_CONCURRENCY = 4
_LONGEST_REASON = 2000


class Runner:
    """Runs the executions of all accounts and regions.

    Args:
        history: records the finished executions.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._pool = ThreadPoolExecutor(_CONCURRENCY, thread_name_prefix="athena")
        self._executions: dict[str, Execution] = {}
        self._engines: dict[str, Engine | IsolatedEngine] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, execution: Execution) -> None:
        """Runs an execution in the background, in the current account and region."""
        self._executions[execution.id] = execution
        task = asyncio.create_task(self._run(execution))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self, execution: Execution) -> None:
        """Cancels an execution; does nothing for a finished one."""
        execution.cancel()
        if engine := self._engines.get(execution.id):
            engine.interrupt()
        await self._history.save(execution)

    async def close(self) -> None:
        """Fails unfinished executions, ends the threads and closes the history."""
        for execution in self._executions.values():
            execution.fail(INTERRUPTED)
        for engine in list(self._engines.values()):
            engine.interrupt()
        await asyncio.gather(*self._tasks)
        self._pool.shutdown()
        self._history.close()

    async def _run(self, execution: Execution) -> None:
        from nrti_local.athena import connections

        context, loop = contextvars.copy_context(), asyncio.get_running_loop()
        with tempfile.TemporaryDirectory(prefix="nrti-athena-") as scratch:
            try:
                content = await loop.run_in_executor(
                    self._pool, context.run, self._perform, execution, Path(scratch)
                )
                if not execution.finished:
                    _put_result(execution, content)
                    execution.succeed()
            except Exception as error:  # noqa: BLE001 (a failure belongs to the query, never to the server)
                execution.fail(_reason(error))
        del self._executions[execution.id]
        await self._history.save(execution)
        self._pool.submit(connections.prepare)

    def _perform(self, execution: Execution, scratch: Path) -> bytes:
        """Returns the content of the result object; runs on a thread of the pool."""
        if not execution.start():
            return b""
        started = time.time()
        try:
            return self._result(execution, scratch)
        finally:
            execution.measure("EngineExecutionTimeInMillis", started)

    def _result(self, execution: Execution, scratch: Path) -> bytes:
        from nrti_local.athena import comments, writing
        from nrti_local.athena.catalog import ddl, statements
        from nrti_local.athena.catalog.store import AwsStore
        from nrti_local.athena.executions import parameters
        from nrti_local.athena.executions.prepared import Prepared

        database, store = execution.database, AwsStore()
        values = execution.record.get("ExecutionParameters", [])
        submitted = comments.without_leading(execution.record["Query"])
        sql = parameters.resolve(submitted, values, Prepared(execution.record["WorkGroup"]))
        if sql is None:
            return b""
        if write := writing.parse(sql):
            return self._write(execution, write, sql, scratch)
        if execution.record["StatementType"] == "DDL":
            ddl.run(sql, database, store)
            return b""
        text = statements.answer(sql, database, store)
        if text is not None:
            return _text_result(execution, text)
        with self._engine(execution, sql, database, scratch) as engine:
            result = engine.perform()
        if isinstance(result, statements.TextResult):
            return _text_result(execution, result)
        return _csv_result(execution, cast("QueryResult", result))

    def _write(self, execution: Execution, write: Write, sql: str, scratch: Path) -> bytes:
        """Carries out CREATE TABLE AS or UNLOAD."""
        from nrti_local.athena.catalog.store import AwsStore
        from nrti_local.athena.executions import outputs
        from nrti_local.athena.executions.workgroups import workgroup

        database, store = execution.database, AwsStore()
        if write.optional and store.table(write.database or database, write.table):
            return b""
        enforced = workgroup(execution.record["WorkGroup"])["Configuration"]["EnforceWorkGroupConfiguration"]
        outputs.check_target(write, database, execution.results, store, enforced=enforced)
        with self._engine(execution, sql, database, scratch) as engine:
            written = cast("Written", engine.perform())
        location = write.location or f"{execution.location}/"
        outputs.put(written, location, execution.manifest, store)
        if write.table:
            outputs.make_table(written, database, location, store)
        execution.wrote(written.rows, written.scanned, written.planning_ms)
        return b""

    @contextmanager
    def _engine(
        self, execution: Execution, sql: str, database: str, scratch: Path
    ) -> Iterator[Engine | IsolatedEngine]:
        from nrti_local.athena.catalog.store import AwsStore
        from nrti_local.athena.engine import Engine
        from nrti_local.athena.errors import AthenaError
        from nrti_local.athena.isolated import LONG, IsolatedEngine

        kind = IsolatedEngine if len(sql) >= LONG else Engine
        engine = kind(sql, database, AwsStore(), scratch)
        self._engines[execution.id] = engine
        try:
            if execution.finished:  # stopped before there was an engine to interrupt
                raise AthenaError(CANCELLED)
            yield engine
        finally:
            del self._engines[execution.id]
            engine.close()


def _csv_result(execution: Execution, result: QueryResult) -> bytes:
    from nrti_local.athena.executions.results import header

    execution.columns = [column.info() for column in result.columns]
    execution.record["Statistics"]["DataScannedInBytes"] = result.scanned
    execution.record["Statistics"]["QueryPlanningTimeInMillis"] = result.planning_ms
    return header([column.name for column in result.columns]) + result.rows.read_bytes()


def _text_result(execution: Execution, result: TextResult) -> bytes:
    from nrti_local.athena.executions.render import text_column

    execution.columns = [text_column(name).info() for name in result.columns]
    return "".join("\t".join(row) + "\n" for row in result.rows).encode()


def _put_result(execution: Execution, content: bytes) -> None:
    if execution.writes:  # its files and their manifest are in S3 already
        return
    location = urlsplit(execution.location)
    try:
        ask(s3, "PUT", f"/{location.netloc}{location.path}", content, content_type="application/octet-stream")
    except RefusedError as error:
        raise ValueError(f"Unable to write the result to {execution.location}") from error


def _reason(error: Exception) -> str:
    from nrti_local.athena.errors import AthenaError

    known = isinstance(error, AthenaError | ValueError)
    return (str(error) if known else f"GENERIC_INTERNAL_ERROR: {error!r}")[:_LONGEST_REASON]
