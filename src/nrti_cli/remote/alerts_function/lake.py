"""Queries of the lake by Athena, which may take longer than an evaluation."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

Row = dict[str, str | None]
#: A query that takes longer is looked at again in the next evaluation, a minute later.
_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.2


class LakeError(Exception):
    """Athena refused a query, or it failed; the text says why."""


class Lake:
    """The lake of the stack.

    Args:
        client: of Athena.
        workgroup: whose settings apply.
        database: the default database.
        sleep: sleeps for some seconds.
    """

    def __init__(
        self, client: Any, workgroup: str, database: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client, self._workgroup, self._database, self._sleep = client, workgroup, database, sleep

    def due(self, kept: dict[str, Any], now: int, seconds: float) -> bool:
        """Whether a query is to be started, or one that was started to be looked at.

        Args:
            kept: what `ask` keeps between evaluations.
            now: epoch milliseconds.
            seconds: between two queries.
        """
        return "query" in kept or now - kept.get("asked_at", 0) >= 1000 * seconds

    def ask(self, sql: str, kept: dict[str, Any], now: int) -> list[Row] | None:
        """The rows of a query; None while it runs: call again with the same `kept`.

        Args:
            sql: a query whose columns have names.
            kept: remembers the query and when it was started.
            now: epoch milliseconds.

        Raises:
            LakeError: the query failed.
        """
        if "query" not in kept:
            kept["asked_at"] = now
            kept["query"] = self._start(sql)
        query = kept["query"]
        for _ in range(round(_PATIENCE_SECONDS / _PAUSE_SECONDS)):
            status = self._client.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            if status["State"] not in {"QUEUED", "RUNNING"}:
                del kept["query"]
                if status["State"] != "SUCCEEDED":
                    raise LakeError(f"the query of the lake failed: {status.get('StateChangeReason', '')}")
                return self._rows(query)
            self._sleep(_PAUSE_SECONDS)
        return None

    def _start(self, sql: str) -> str:
        try:
            return str(
                self._client.start_query_execution(
                    QueryString=sql,
                    WorkGroup=self._workgroup,
                    QueryExecutionContext={"Database": self._database},
                )["QueryExecutionId"]
            )
        except ClientError as error:
            raise LakeError(f"Athena refuses the query: {error.response['Error']['Message']}") from error

    def _rows(self, query: str) -> list[Row]:
        """All rows, by the names of their columns, which are in the first."""
        pages = self._client.get_paginator("get_query_results").paginate(QueryExecutionId=query)
        rows = [row["Data"] for page in pages for row in page["ResultSet"]["Rows"]]
        heads, *values = [[cell.get("VarCharValue") for cell in row] for row in rows]
        return [dict(zip(map(str, heads), row, strict=True)) for row in values]


def quoted(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
