# ruff: noqa: SLF001 (patches work on private names; _USED lists those that are not replaced)
"""The patched handlers of ministack's Athena.

What they need is imported when the first query comes, so that the server starts without sqlglot.
"""

from __future__ import annotations

import asyncio
import contextvars
import importlib
import json
import mmap
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from inspect import isawaitable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ministack.core.responses import error_response_json, json_response
from ministack.services import athena, s3

from nrti_cli.local.patches.patch import MINISTACK_VERSION, Patch, PatchError

Response = tuple[int, dict[str, str], Any]
Handler = Callable[[dict[str, Any]], Response]

_ATHENA = "ministack.services.athena"
#: Private names that the patches use without replacing them.
_USED = {
    _ATHENA: ("_data_format", "_executions", "_parse_ddl", "_run_ddl", "_table_relation", "_workgroups"),
    "ministack.services.s3": ("DATA_DIR", "S3_PERSIST", "_buckets", "_get_object_data", "_put_object"),
    "ministack.services.glue": ("_databases", "_tables"),
}
#: Statements that are neither queries nor DDL; they are judged when they run.
_UTILITIES = ("show", "desc", "describe", "msck", "explain")
#: Bytes of a statement, by Athena's quota, and characters of one that breaks it which a refusal shows.
_LONGEST, _SHOWN = 262_144, 1_000
#: Queries at once, in the whole emulator; what comes on top is QUEUED, as on AWS.
_POOL = ThreadPoolExecutor(max_workers=4, thread_name_prefix="athena")


def _require_used_names() -> None:
    for module, names in _USED.items():
        for name in names:
            if not hasattr(importlib.import_module(module), name):
                raise PatchError(f"{module}.{name} has gone from ministack (written for {MINISTACK_VERSION})")


def _refused(message: str, code: str = "INVALID_INPUT") -> Response:
    response: Response = error_response_json(
        "InvalidRequestException", message, 400, extra={"AthenaErrorCode": code}
    )
    return response


def _start(original: Handler) -> Callable[[dict[str, Any]], Response | Awaitable[Response]]:
    _require_used_names()

    def start(data: dict[str, Any]) -> Response | Awaitable[Response]:
        from nrti_cli.local.patches.athena.apart import LONG

        sql = data.get("QueryString", "")
        if broken := _broken_limit(sql):
            return _refused(f"1 validation error detected: Value '{sql[:_SHOWN]}' at 'queryString' {broken}")
        if len(sql) < LONG:
            return begin(data, _judge(sql))
        return begin_later(data)

    async def begin_later(data: dict[str, Any]) -> Response:
        return begin(data, await asyncio.to_thread(_judge, data["QueryString"]))

    def begin(data: dict[str, Any], is_query: bool | str) -> Response:
        workgroup = athena._workgroups.get(data.get("WorkGroup", "primary"))
        if workgroup is None:
            return _refused("WorkGroup is not found.")
        if isinstance(is_query, str):
            return _refused(is_query, "MALFORMED_QUERY")
        configuration = _result_configuration(data, workgroup)
        bucket = urlsplit(configuration["OutputLocation"]).netloc
        if bucket and bucket not in s3._buckets:
            return _refused(f"Unable to verify/create output bucket {bucket}")
        # That a query is no DDL is known; to find it out, ministack would take half a second of a long one.
        text = "SELECT" if is_query else data["QueryString"]
        response = original({**data, "QueryString": text, "ResultConfiguration": configuration})
        _complete(response, data["QueryString"], is_query=is_query)
        return response

    return start


def _broken_limit(sql: str) -> str:
    """Which of Athena's limits of a statement's length it breaks, in Athena's words."""
    constraint = "failed to satisfy constraint: Member must have length"
    if not sql:
        return f"{constraint} greater than or equal to 1"
    return f"{constraint} less than or equal to {_LONGEST}" if len(sql.encode()) > _LONGEST else ""


def _judge(sql: str) -> bool | str:
    """Whether a statement is a query, or why Athena refuses it."""
    from nrti_cli.local.patches.athena.errors import MalformedQueryError

    try:
        return _check(sql)
    except MalformedQueryError as error:
        return str(error)


def _awaiting(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Response]]:
    async def handle(*request: Any) -> Response:
        answer = await original(*request)
        response: Response = await answer if isawaitable(answer) else answer
        return response

    return handle


def _check(sql: str) -> bool:
    """Whether it is a query; refuses what is not Athena's SQL."""
    from nrti_cli.local.patches.athena import apart
    from nrti_cli.local.patches.athena.errors import AthenaError, MalformedQueryError
    from nrti_cli.local.patches.athena.sql import parse

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
    enforced = _enforces(workgroup) and configured.get("OutputLocation")
    chosen = configured if enforced else {**configured, **asked}
    location = chosen.get("OutputLocation", "")
    return {**chosen, "OutputLocation": location and location.rstrip("/") + "/"}


def _enforces(workgroup: dict[str, Any]) -> bool:
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


def _execute(_original: Any) -> Any:
    async def execute(
        query_id: str, _sql: str, _database: str, ddl: Any, _catalog: str | None = None
    ) -> None:
        from nrti_cli.local.patches.athena import run, spare

        execution = athena._executions[query_id]
        in_context = contextvars.copy_context().run
        loop = asyncio.get_running_loop()
        with tempfile.TemporaryDirectory(prefix="nrti-athena-") as scratch:
            try:
                content = await loop.run_in_executor(
                    _POOL, in_context, run.run, execution, ddl, Path(scratch)
                )
                _put_result(execution, content)
            except Exception as error:  # noqa: BLE001 (a failure belongs to the query, never to the server)
                run.fail(execution, _reason(error))
            else:
                run.succeed(execution)
        _POOL.submit(spare.make)

    return execute


def _put_result(execution: dict[str, Any], content: bytes) -> None:
    location = urlsplit(execution["ResultConfiguration"]["OutputLocation"])
    headers = {"content-type": "application/octet-stream", "content-length": str(len(content))}
    key = location.path.lstrip("/")
    response = s3._put_object(location.netloc, key, content, headers)
    if response[0] >= 300:
        raise ValueError(f"Unable to write the result to {location.geturl()}")


def _reason(error: Exception) -> str:
    from nrti_cli.local.patches.athena.errors import AthenaError

    known = isinstance(error, AthenaError | ValueError)
    return str(error)[:2000] if known else f"GENERIC_INTERNAL_ERROR: {error!r}"[:2000]


def _get_results(original: Handler) -> Handler:
    def results(data: dict[str, Any]) -> Response:
        from nrti_cli.local.patches.athena.results import page

        execution = athena._executions.get(data.get("QueryExecutionId")) or {}
        if execution.get("Status", {}).get("State") != "SUCCEEDED" or "_columns" not in execution:
            return original(data)
        location = urlsplit(execution["ResultConfiguration"]["OutputLocation"])
        content = _content(location.netloc, location.path.lstrip("/"))
        if content is None:
            return _refused(f"Could not find results at {location.geturl()}")
        offset, size = int(data.get("NextToken") or 0), data.get("MaxResults", 1000)
        response: Response = json_response(page(content, execution["_columns"], offset, size))
        return response

    return results


def _content(bucket: str, key: str) -> Any:
    """A result's bytes, mapped where they are a file, for a page looks at few of them; None if it is gone."""
    from nrti_cli.local.patches.athena.store import MinistackStore

    path = MinistackStore().file(bucket, key) if bucket in s3._buckets else None
    if path is None:
        return s3._get_object_data(bucket, key)
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _stop(_original: Handler) -> Handler:
    def stop(data: dict[str, Any]) -> Response:
        from nrti_cli.local.patches.athena import run

        execution = athena._executions.get(data.get("QueryExecutionId"))
        if execution is None:
            return _refused(f"QueryExecution {data.get('QueryExecutionId')} was not found")
        run.stop(execution)
        response: Response = json_response({})
        return response

    return stop


def _get_workgroup(original: Handler) -> Handler:
    def get_workgroup(data: dict[str, Any]) -> Response:
        status, headers, body = original(data)
        answer = json.loads(body)
        if "WorkGroup" not in answer:
            return status, headers, body
        workgroup = answer["WorkGroup"]
        workgroup.setdefault("Configuration", {})["EnforceWorkGroupConfiguration"] = _enforces(workgroup)
        response: Response = json_response(answer)
        return response

    return get_workgroup


PATCHES = (
    Patch(
        _ATHENA,
        "_start_query_execution",
        "Athena refuses malformed SQL, unknown workgroups and missing result buckets at once, and lets a "
        "workgroup enforce where results go; ministack starts every query.",
        _start,
    ),
    Patch(
        _ATHENA,
        "handle_request",
        "A long statement takes seconds to check, and ministack's handlers cannot wait for that.",
        _awaiting,
    ),
    Patch(
        _ATHENA,
        "_execute_query",
        "ministack hands Athena's SQL to DuckDB as it is, copies every object of a table for each query, and "
        "writes the result under OutputLocation as if it were a folder.",
        _execute,
    ),
    Patch(
        _ATHENA,
        "_get_query_results",
        "Results are no longer kept in memory but read from their S3 object, as on AWS.",
        _get_results,
    ),
    Patch(
        _ATHENA,
        "_stop_query_execution",
        "ministack marks a stopped query CANCELLED but lets it run to its end, which makes it SUCCEEDED.",
        _stop,
    ),
    Patch(
        _ATHENA,
        "_get_workgroup",
        "Clients such as awswrangler read EnforceWorkGroupConfiguration, which ministack leaves out.",
        _get_workgroup,
    ),
)
