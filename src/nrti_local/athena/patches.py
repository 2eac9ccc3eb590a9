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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ministack.core.responses import json_response
from ministack.services import athena, s3

from nrti_local.athena.starting import Handler, Response, awaiting, enforces, refused, start
from nrti_local.ministack.patch import MINISTACK_VERSION, Patch, PatchError

_ATHENA = "ministack.services.athena"
#: Private names that the patches use without replacing them.
_USED = {
    _ATHENA: ("_data_format", "_executions", "_parse_ddl", "_run_ddl", "_table_relation", "_workgroups"),
    "ministack.services.s3": ("DATA_DIR", "S3_PERSIST", "_buckets", "_get_object_data", "_put_object"),
    "ministack.services.glue": ("_databases", "_tables"),
}
#: Queries at once, in the whole emulator; what comes on top is QUEUED, as on AWS.
_POOL = ThreadPoolExecutor(max_workers=4, thread_name_prefix="athena")


def _require_used_names() -> None:
    for module, names in _USED.items():
        for name in names:
            if not hasattr(importlib.import_module(module), name):
                raise PatchError(f"{module}.{name} has gone from ministack (written for {MINISTACK_VERSION})")


def _execute(_original: Any) -> Any:
    _require_used_names()

    async def execute(
        query_id: str, _sql: str, _database: str, ddl: Any, _catalog: str | None = None
    ) -> None:
        from nrti_local.athena import run, spare

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
    from nrti_local.athena.errors import AthenaError

    known = isinstance(error, AthenaError | ValueError)
    return str(error)[:2000] if known else f"GENERIC_INTERNAL_ERROR: {error!r}"[:2000]


def _get_results(original: Handler) -> Handler:
    def results(data: dict[str, Any]) -> Response:
        from nrti_local.athena.results import page

        execution = athena._executions.get(data.get("QueryExecutionId")) or {}
        if execution.get("Status", {}).get("State") != "SUCCEEDED" or "_columns" not in execution:
            return original(data)
        location = urlsplit(execution["ResultConfiguration"]["OutputLocation"])
        content = _content(location.netloc, location.path.lstrip("/"))
        if content is None:
            return refused(f"Could not find results at {location.geturl()}")
        offset, size = int(data.get("NextToken") or 0), data.get("MaxResults", 1000)
        response: Response = json_response(page(content, execution["_columns"], offset, size))
        return response

    return results


def _content(bucket: str, key: str) -> Any:
    """A result's bytes, mapped where they are a file, for a page looks at few of them; None if it is gone."""
    from nrti_local.athena.store import MinistackStore

    path = MinistackStore().file(bucket, key) if bucket in s3._buckets else None
    if path is None:
        return s3._get_object_data(bucket, key)
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _stop(_original: Handler) -> Handler:
    def stop(data: dict[str, Any]) -> Response:
        from nrti_local.athena import run

        execution = athena._executions.get(data.get("QueryExecutionId"))
        if execution is None:
            return refused(f"QueryExecution {data.get('QueryExecutionId')} was not found")
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
        workgroup.setdefault("Configuration", {})["EnforceWorkGroupConfiguration"] = enforces(workgroup)
        response: Response = json_response(answer)
        return response

    return get_workgroup


PATCHES = (
    Patch(
        _ATHENA,
        "_start_query_execution",
        "Athena refuses malformed SQL, unknown workgroups and missing result buckets at once, and lets a "
        "workgroup enforce where results go; ministack starts every query.",
        start,
    ),
    Patch(
        _ATHENA,
        "handle_request",
        "A long statement takes seconds to check, and ministack's handlers cannot wait for that.",
        awaiting,
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
