"""The operations on query executions."""

from __future__ import annotations

import mmap
from typing import Any
from urllib.parse import urlsplit

from nrti_local.athena.executions.execution import Execution
from nrti_local.athena.executions.history import History
from nrti_local.athena.executions.runner import Runner
from nrti_local.athena.executions.submission import submit
from nrti_local.athena.executions.workgroups import workgroup
from nrti_local.athena.refusals import invalid

_NOT_FOUND = "QUERY_EXECUTION_NOT_FOUND"
_ROWS, _IDS = 1000, 50


class Queries:
    """The query executions of one account in one region.

    Args:
        history: the history of all accounts and regions.
        runner: the runner of all accounts and regions.
        account: the id of the account.
        region: the region's name.
    """

    def __init__(self, history: History, runner: Runner, account: str, region: str) -> None:
        self._history, self._runner = history, runner
        self._account, self._region = account, region

    async def start_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carries out StartQueryExecution; a repeated token returns the query of its first request."""
        execution = await submit(request, self._account, self._region)
        recorded = await self._history.add(execution)
        if recorded is execution:
            self._runner.submit(execution)
        elif recorded.parameters != execution.parameters:
            raise invalid("Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH")
        return {"QueryExecutionId": recorded.id}

    async def get_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carries out GetQueryExecution."""
        return {"QueryExecution": (await self.find(request["QueryExecutionId"])).record}

    async def batch_get_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carries out BatchGetQueryExecution."""
        found, unknown = [], []
        for query_id in request["QueryExecutionIds"]:
            execution = await self._history.find(self._account, self._region, query_id)
            if execution:
                found.append(execution.record)
            else:
                unknown.append(
                    {
                        "QueryExecutionId": query_id,
                        "ErrorCode": _NOT_FOUND,
                        "ErrorMessage": _not_found(query_id),
                    }
                )
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": unknown}

    async def list_query_executions(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carries out ListQueryExecutions, the newest first."""
        name = workgroup(request.get("WorkGroup", "primary"))["Name"]
        before = _number(request["NextToken"]) if "NextToken" in request else None
        size = request.get("MaxResults") or _IDS
        ids, end = await self._history.page(self._account, self._region, name, before, size)
        return {"QueryExecutionIds": ids} | ({"NextToken": str(end)} if end else {})

    async def stop_query_execution(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carries out StopQueryExecution."""
        await self._runner.stop(await self.find(request["QueryExecutionId"]))
        return {}

    async def get_query_results(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carries out GetQueryResults; the rows come from the result's object in S3."""
        from nrti_local.athena.executions.results import csv_row, page, text_row

        execution = await self.find(request["QueryExecutionId"])
        content = b"" if execution.writes and execution.state == "SUCCEEDED" else _content(execution)
        read = csv_row if execution.record["StatementType"] == "DML" else text_row
        offset = _number(request.get("NextToken", "0"))
        rows, end = page(content, read, offset, request.get("MaxResults", _ROWS))
        data = [{"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in rows]
        answer: dict[str, Any] = {
            "ResultSet": {"Rows": data, "ResultSetMetadata": {"ColumnInfo": execution.columns}}
        }
        if execution.record["StatementType"] != "DDL" or execution.writes:
            answer["UpdateCount"] = execution.record.get("UpdateCount", 0)
        return answer if end is None else {**answer, "NextToken": str(end)}

    async def find(self, query_id: str) -> Execution:
        """Returns an execution.

        Raises:
            ServiceError: it does not exist.
        """
        execution = await self._history.find(self._account, self._region, query_id)
        if execution is None:
            raise invalid(_not_found(query_id), _NOT_FOUND)
        return execution


def _not_found(query_id: str) -> str:
    return f"QueryExecution {query_id} was not found"


def _number(token: str) -> int:
    if not token.isdecimal():
        raise invalid("Invalid NextToken")
    return int(token)


def _content(execution: Execution) -> bytes | mmap.mmap:
    """Returns the result's object, memory-mapped if it is a file: a page reads little of it."""
    from nrti_local.athena.catalog.store import AwsStore

    if execution.state in {"QUEUED", "RUNNING"}:
        message = f"Query has not yet finished. Current state: {execution.state}"
        raise invalid(message, "INVALID_QUERY_EXECUTION_STATE")
    if execution.state == "FAILED":
        message = "Query did not finish successfully. Final query state: FAILED"
        raise invalid(message, "INVALID_QUERY_EXECUTION_STATE")
    location = urlsplit(execution.location)
    bucket, key = location.netloc, location.path.lstrip("/")
    path = AwsStore().file(bucket, key)
    if path and path.stat().st_size:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    content = AwsStore().content(bucket, key)
    if content is None:
        raise invalid("Could not find results", "RESULT_NOT_FOUND")
    return content
