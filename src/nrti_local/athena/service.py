"""Athena behind the gateway: the operations on query executions and on the Glue catalog.

ministack has the others: those on work groups, named queries, prepared statements, data catalogs and tags.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from ministack.app import AUTH, SERVICE_HANDLERS
from ministack.core.responses import get_account_id, get_region
from ministack.services import athena

from nrti_local.athena.catalog import metadata
from nrti_local.athena.executions import workgroups
from nrti_local.athena.executions.history import History
from nrti_local.athena.executions.operations import Queries
from nrti_local.athena.executions.runner import Runner
from nrti_local.athena.refusals import invalid
from nrti_local.iam.authorization import denial_of
from nrti_local.server.asgi import Answer, Application, Receive, Scope, Send, json_members, read, send_answer
from nrti_local.server.shared.api_model import ApiModel
from nrti_local.server.shared.caller import Caller, identify
from nrti_local.server.shared.errors import ServiceError

_PREFIX = "AmazonAthena."
_TYPE = "application/x-amz-json-1.1"
_QUERIES: dict[str, Callable[[Queries, dict[str, Any]], Awaitable[dict[str, Any]]]] = {
    "BatchGetQueryExecution": Queries.batch_get_query_execution,
    "GetQueryExecution": Queries.get_query_execution,
    "GetQueryResults": Queries.get_query_results,
    "ListQueryExecutions": Queries.list_query_executions,
    "StartQueryExecution": Queries.start_query_execution,
    "StopQueryExecution": Queries.stop_query_execution,
}
_READS: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]] = {
    "GetDataCatalog": metadata.get_data_catalog,
    "GetDatabase": metadata.get_database,
    "GetTableMetadata": metadata.get_table_metadata,
    "GetWorkGroup": workgroups.get_work_group,
    "ListDatabases": metadata.list_databases,
    "ListTableMetadata": metadata.list_table_metadata,
}
_OPERATIONS = _QUERIES.keys() | _READS.keys()
_logger = logging.getLogger(__name__)


def before(ministack: Application) -> Application:
    """Adds this service's operations in front of ministack."""
    service = Athena(Path(os.environ["NRTI_LOCAL_STATE"], "athena.db"))
    # ministack's Step Functions calls other services through this table.
    SERVICE_HANDLERS["athena"] = service.handle_request

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await ministack(scope, service.closing(receive), send)
        elif scope["type"] == "http" and (operation := _operation(dict(scope["headers"]))):
            await send_answer(send, await service.serve(operation, scope, await read(receive)))
        else:
            await ministack(scope, receive, send)

    return serve


def _operation(headers: dict[bytes, bytes]) -> str:
    """Returns the operation of a request if it is one of this service, else an empty text."""
    target = headers.get(b"x-amz-target", b"").decode("latin-1")
    operation = target.removeprefix(_PREFIX)
    return operation if target.startswith(_PREFIX) and operation in _OPERATIONS else ""


class Athena:
    """The service, for all accounts and regions.

    Args:
        database: the file of the query history.
    """

    def __init__(self, database: Path) -> None:
        self._model: ApiModel | None = None
        self._history = History(database)
        self._runner = Runner(self._history)

    async def serve(self, operation: str, scope: Scope, body: bytes) -> Answer:
        """Authorizes a request and carries it out."""
        caller = identify(scope)
        for resource in await self._resources(caller, operation, body) if AUTH else ():
            if refusal := denial_of("athena", resource, caller, scope, body):
                return refusal
        return await self._answer(operation, caller.account, caller.region, body)

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Answer:
        """Answers a request from another service in this process, as ministack's modules do."""
        operation = headers.get("x-amz-target", "").removeprefix(_PREFIX)
        if operation in _OPERATIONS:
            return await self._answer(operation, get_account_id(), get_region(), body)
        answer: Answer = await athena.handle_request(method, path, headers, body, query)
        return answer

    def closing(self, receive: Receive) -> Receive:
        """Returns a `receive` that ends the queries when the server shuts down."""

        async def receive_event() -> MutableMapping[str, Any]:
            event = await receive()
            if event["type"] == "lifespan.shutdown":
                await self._runner.close()
            return event

        return receive_event

    async def _answer(self, operation: str, account: str, region: str, body: bytes) -> Answer:
        headers = {"content-type": _TYPE, "x-amzn-requestid": str(uuid4())}
        try:
            content = await self._carry_out(operation, account, region, body)
        except ServiceError as error:
            members = {"__type": error.code, "message": error.message, **error.members}
            return error.status, headers | {"x-amzn-errortype": error.code}, json.dumps(members).encode()
        except Exception as error:
            _logger.exception("%s failed", operation)
            fault = {"__type": "InternalServerException", "message": f"{type(error).__name__}: {error}"}
            return 500, headers, json.dumps(fault).encode()
        return 200, headers, json.dumps(content).encode()

    async def _carry_out(self, operation: str, account: str, region: str, body: bytes) -> dict[str, Any]:
        if self._model is None:  # loading it would block the server for 30 ms
            self._model = await asyncio.to_thread(ApiModel, "athena", invalid)
        request = self._model.read(operation, body)
        if operation in _READS:
            return self._model.answer(operation, await _READS[operation](request))
        queries = Queries(self._history, self._runner, account, region)
        return self._model.answer(operation, await _QUERIES[operation](queries, request))

    async def _resources(self, caller: Caller, operation: str, body: bytes) -> set[str]:
        """Returns the ARNs for which a request needs permission: work groups, or a data catalog."""
        prefix = f"arn:aws:athena:{caller.region}:{caller.account}"
        request = json_members(body)
        if operation in _READS and operation != "GetWorkGroup":
            return {f"{prefix}:datacatalog/{request.get('CatalogName') or request.get('Name')}"}
        ids = request.get("QueryExecutionIds") or [request.get("QueryExecutionId")]
        found = [await self._history.find(caller.account, caller.region, str(each)) for each in ids if each]
        names = {each.record["WorkGroup"] for each in found if each}
        return {f"{prefix}:workgroup/{name}" for name in names or {request.get("WorkGroup", "primary")}}
