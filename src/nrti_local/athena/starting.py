# ruff: noqa: SLF001 (`handlers._USED` lists the private names that are not replaced)
"""StartQueryExecution: what Athena refuses at once, and what it enters into the record of a query."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any
from urllib.parse import urlsplit

from ministack.core.responses import error_response_json
from ministack.services import athena, s3

Response = tuple[int, dict[str, str], Any]
Handler = Callable[[dict[str, Any]], Response]

#: Statements that are neither queries nor DDL; they are judged when they run.
_UTILITIES = ("show", "desc", "describe", "msck", "explain")
#: Bytes of a statement, by Athena's quota, and characters of one that breaks it which a refusal shows.
_LONGEST, _SHOWN = 262_144, 1_000


def refused(message: str, code: str = "INVALID_INPUT") -> Response:
    """The answer to a request that Athena does not take."""
    response: Response = error_response_json(
        "InvalidRequestException", message, 400, extra={"AthenaErrorCode": code}
    )
    return response


def start(original: Handler) -> Callable[[dict[str, Any]], Response | Awaitable[Response]]:
    """Puts what Athena checks before `original`; of a long statement the answer has to be awaited."""

    def start_query(data: dict[str, Any]) -> Response | Awaitable[Response]:
        from nrti_local.athena.apart import LONG

        sql = data.get("QueryString", "")
        if broken := _broken_limit(sql):
            return refused(f"1 validation error detected: Value '{sql[:_SHOWN]}' at 'queryString' {broken}")
        if len(sql) < LONG:
            return begin(data, _judge(sql))
        return begin_later(data)

    async def begin_later(data: dict[str, Any]) -> Response:
        return begin(data, await asyncio.to_thread(_judge, data["QueryString"]))

    def begin(data: dict[str, Any], is_query: bool | str) -> Response:
        workgroup = athena._workgroups.get(data.get("WorkGroup", "primary"))
        if workgroup is None:
            return refused("WorkGroup is not found.")
        if isinstance(is_query, str):
            return refused(is_query, "MALFORMED_QUERY")
        configuration = _result_configuration(data, workgroup)
        bucket = urlsplit(configuration["OutputLocation"]).netloc
        if bucket and bucket not in s3._buckets:
            return refused(f"Unable to verify/create output bucket {bucket}")
        # That a query is no DDL is known; to find it out, ministack would take half a second of a long one.
        text = "SELECT" if is_query else data["QueryString"]
        response = original({**data, "QueryString": text, "ResultConfiguration": configuration})
        _complete(response, data["QueryString"], is_query=is_query)
        return response

    return start_query


def _broken_limit(sql: str) -> str:
    """Which of Athena's limits of a statement's length it breaks, in Athena's words."""
    constraint = "failed to satisfy constraint: Member must have length"
    if not sql:
        return f"{constraint} greater than or equal to 1"
    return f"{constraint} less than or equal to {_LONGEST}" if len(sql.encode()) > _LONGEST else ""


def _judge(sql: str) -> bool | str:
    """Whether a statement is a query, or why Athena refuses it."""
    from nrti_local.athena.errors import MalformedQueryError

    try:
        return _check(sql)
    except MalformedQueryError as error:
        return str(error)


def awaiting(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Response]]:
    """Lets handlers return an answer that has to be awaited."""

    async def handle(*request: Any) -> Response:
        answer = await original(*request)
        response: Response = await answer if isawaitable(answer) else answer
        return response

    return handle


def _check(sql: str) -> bool:
    """Whether it is a query; refuses what is not Athena's SQL."""
    from nrti_local.athena import apart
    from nrti_local.athena.errors import AthenaError, MalformedQueryError
    from nrti_local.athena.sql import parse

    first = next(iter(sql.split(maxsplit=1)), "").lower()
    if first in _UTILITIES or athena._parse_ddl(sql) is not None:
        return False
    try:
        (parse if len(sql) < apart.LONG else apart.check)(sql)
    except MalformedQueryError:
        raise
    except AthenaError:
        pass  # one that the query's execution will say
    return True


def _result_configuration(data: dict[str, Any], workgroup: dict[str, Any]) -> dict[str, Any]:
    """Where the result goes: the workgroup's settings win if it enforces them."""
    configured = workgroup.get("Configuration", {}).get("ResultConfiguration", {})
    asked = data.get("ResultConfiguration", {})
    enforced = enforces(workgroup) and configured.get("OutputLocation")
    chosen = configured if enforced else {**configured, **asked}
    location = chosen.get("OutputLocation", "")
    return {**chosen, "OutputLocation": location and location.rstrip("/") + "/"}


def enforces(workgroup: dict[str, Any]) -> bool:
    """AWS's default: a workgroup overrides the client's settings, except the one called primary."""
    default = workgroup["Name"] != "primary"
    return bool(workgroup.get("Configuration", {}).get("EnforceWorkGroupConfiguration", default))


def _complete(response: Response, sql: str, *, is_query: bool) -> None:
    """Enters what ministack could not. Only queries have a CSV result; that of others is a text file."""
    started = json.loads(response[2])
    if "QueryExecutionId" not in started:
        return
    execution = athena._executions[started["QueryExecutionId"]]
    execution["Query"] = sql
    execution["Status"]["SubmissionDateTime"] = time.time()
    if is_query:
        execution["StatementType"] = "DML"
    else:
        configuration = execution["ResultConfiguration"]
        configuration["OutputLocation"] = configuration["OutputLocation"].removesuffix(".csv") + ".txt"
