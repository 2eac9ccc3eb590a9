"""A query's life between StartQueryExecution and its result."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ministack.services import athena

from nrti_local.athena import catalogue
from nrti_local.athena.apart import LONG, Apart
from nrti_local.athena.engine import Engine, Outcome
from nrti_local.athena.errors import CANCELLED, AthenaError
from nrti_local.athena.results import header
from nrti_local.athena.store import MinistackStore

Execution = dict[str, Any]

#: Guards the step from one state to the next: threads of queries and the server's thread take it.
_TRANSITION = threading.Lock()
_ENGINES: dict[str, Engine | Apart] = {}


def run(execution: Execution, ddl: Any, scratch: Path) -> bytes:
    """Runs a statement, on a thread of its own, and returns the content of its result object.

    Args:
        execution: ministack's record of it; the statistics and the result's columns are written there.
        ddl: what ministack made of a CREATE or DROP TABLE, None for other statements.
        scratch: an empty directory.

    Raises:
        AthenaError: the statement fails.
        ValueError: it is DDL and fails.
    """
    status, statistics = execution["Status"], execution["Statistics"]
    started = time.time()
    statistics["QueryQueueTimeInMillis"] = _milliseconds(status["SubmissionDateTime"], started)
    if not _advance(execution, "QUEUED", "RUNNING"):
        return b""
    try:
        return _statement(execution, ddl, scratch)
    finally:
        finished = time.time()
        statistics["EngineExecutionTimeInMillis"] = _milliseconds(started, finished)
        statistics["TotalExecutionTimeInMillis"] = _milliseconds(status["SubmissionDateTime"], finished)


def succeed(execution: Execution) -> None:
    """The result is in place; a query that was stopped meanwhile stays CANCELLED."""
    status, finished = execution["Status"], time.time()
    total = _milliseconds(status["SubmissionDateTime"], finished)
    execution["Statistics"]["TotalExecutionTimeInMillis"] = total  # with writing the result
    _advance(execution, "RUNNING", "SUCCEEDED")
    status["CompletionDateTime"] = finished


def fail(execution: Execution, reason: str) -> None:
    """Ends a query that could not be done; one that was stopped stays CANCELLED."""
    if _advance(execution, "RUNNING", "FAILED"):
        category = 1 if reason.startswith("GENERIC_INTERNAL_ERROR") else 2
        error = {"ErrorCategory": category, "ErrorType": 0, "Retryable": False, "ErrorMessage": reason}
        execution["Status"].update(
            StateChangeReason=reason, AthenaError=error, CompletionDateTime=time.time()
        )


def stop(execution: Execution) -> None:
    """Cancels a query that is waiting or running; another stays as it is."""
    if _advance(execution, "QUEUED", "CANCELLED") or _advance(execution, "RUNNING", "CANCELLED"):
        execution["Status"]["StateChangeReason"] = CANCELLED
        execution["Status"]["CompletionDateTime"] = time.time()
    engine = _ENGINES.get(execution["QueryExecutionId"])
    if engine:
        engine.interrupt()


def _advance(execution: Execution, before: str, after: str) -> bool:
    with _TRANSITION:
        if execution["Status"]["State"] != before:
            return False
        execution["Status"]["State"] = after
        return True


def _statement(execution: Execution, ddl: Any, scratch: Path) -> bytes:
    sql, database = execution["Query"], execution["QueryExecutionContext"]["Database"]
    if ddl is not None:
        athena._run_ddl(ddl, database)  # noqa: SLF001
        return _listed(execution, catalogue.Listing([], []))
    listing = catalogue.answer(sql, database, MinistackStore())
    if listing:
        return _listed(execution, listing)
    with _engine(execution, scratch) as engine:
        outcome = engine.perform()
    if isinstance(outcome, Outcome):
        return _queried(execution, outcome)
    return _listed(execution, catalogue.Listing(["Query Plan"], [[line] for line in outcome]))


@contextmanager
def _engine(execution: Execution, scratch: Path) -> Iterator[Engine | Apart]:
    query_id, sql = execution["QueryExecutionId"], execution["Query"]
    kind = Apart if len(sql) >= LONG else Engine
    engine = kind(sql, execution["QueryExecutionContext"]["Database"], MinistackStore(), scratch)
    _ENGINES[query_id] = engine
    try:
        if execution["Status"]["State"] != "RUNNING":
            raise AthenaError(CANCELLED)
        yield engine
    finally:
        del _ENGINES[query_id]
        engine.close()


def _queried(execution: Execution, outcome: Outcome) -> bytes:
    execution["_columns"] = [column.info() for column in outcome.columns]
    execution["Statistics"]["DataScannedInBytes"] = outcome.scanned
    execution["Statistics"]["QueryPlanningTimeInMillis"] = outcome.planning_ms
    return header([column.name for column in outcome.columns]) + outcome.rows.read_bytes()


def _listed(execution: Execution, listing: catalogue.Listing) -> bytes:
    """Keeps a short answer in the record, from where ministack's own GetQueryResults takes it."""
    execution["_results"] = {"columns": listing.columns, "rows": listing.rows}
    execution["_column_types"] = ["string"] * len(listing.columns)
    return "".join("\t".join(row) + "\n" for row in listing.rows).encode()


def _milliseconds(start: float, end: float) -> int:
    return int((end - start) * 1000)
