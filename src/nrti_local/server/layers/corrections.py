"""Rewrites requests that ministack reads differently from AWS."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from nrti_local.dynamodb.key_numbers import normalised
from nrti_local.server.asgi import Application, Receive, Scope, Send, read, respond
from nrti_local.server.layers import protocols
from nrti_local.server.layers.inner_requests import answer_of, replacing, replaying, sized
from nrti_local.server.layers.protocols import Request

#: Operations on a table or database that must exist; ministack does not check that.
_NEEDS_TABLE = {("glue", "GetPartitionIndexes")}
_NEEDS_DATABASE = {("glue", "GetTables")}
#: Operations that name an item by a key, which may be a number.
_NAMES_ITEMS = {
    ("dynamodb", operation)
    for operation in (
        "BatchGetItem",
        "DeleteItem",
        "GetItem",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    )
}
#: The last part of the paths where API Gateway keeps numbers, although patch values are strings.
_NUMBERS: dict[str, Callable[[str], float]] = {
    "authorizerResultTtlInSeconds": int,
    "burstLimit": int,
    "cacheTtlInSeconds": int,
    "limit": int,
    "minimumCompressionSize": int,
    "offset": int,
    "percentTraffic": float,
    "rateLimit": float,
    "timeoutInMillis": int,
}


class _RefusedError(Exception):
    """The request is invalid; the message says why."""


def before(ministack: Application) -> Application:
    """Rewrites the requests to Athena, Glue, DynamoDB and API Gateway that need it."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = protocols.request(scope) if scope["type"] == "http" else None
        correct = _correction(request) if request else None
        if request is None or correct is None:
            await ministack(scope, receive, send)
            return
        original = await read(receive)
        try:
            body = correct(original)
        except _RefusedError as error:
            await respond(send, *request.error(400, "BadRequestException", str(error)))
            return
        missing = await _missing(ministack, request, scope, body)
        if missing:
            await respond(send, *request.error(400, "EntityNotFoundException", missing))
            return
        await ministack(*replacing(scope, original, body), send)

    return serve


def _correction(request: Request) -> Callable[[bytes], bytes] | None:
    operation = (request.service, request.target)
    if operation in _NEEDS_TABLE or operation in _NEEDS_DATABASE:
        return bytes
    if operation in _NAMES_ITEMS:
        return normalised
    if request.service == "apigateway" and request.method == "PATCH":
        return _with_numbers
    return None


def _with_numbers(body: bytes) -> bytes:
    """A patch with numbers as numbers: ministack would keep the string, which SDKs cannot parse."""
    try:
        patch = json.loads(body)
        operations = [_with_number(operation) for operation in patch["patchOperations"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return body  # ministack answers with an error
    return json.dumps({**patch, "patchOperations": operations}).encode()


def _with_number(operation: dict[str, Any]) -> dict[str, Any]:
    name, value = operation.get("path", "").rpartition("/")[2], operation.get("value")
    if name not in _NUMBERS or operation.get("op") == "remove":
        return operation
    if name == "minimumCompressionSize" and not value:  # as on AWS, this ends the compression
        return {"op": "remove", "path": operation["path"]}
    try:
        return {**operation, "value": _NUMBERS[name](str(value))}
    except ValueError:
        raise _RefusedError(f"Invalid patch value {value!r} specified for {operation['path']}") from None


async def _missing(ministack: Application, request: Request, scope: Scope, body: bytes) -> str:
    """Glue's error message if the database or the table does not exist; empty if it does."""
    operation = (request.service, request.target)
    try:
        if operation in _NEEDS_TABLE:
            asked = json.loads(body)
            wanted = {"DatabaseName": asked["DatabaseName"], "Name": asked["TableName"]}
            return await _not_found(ministack, scope, "AWSGlue.GetTable", wanted)
        if operation in _NEEDS_DATABASE:
            wanted = {"Name": json.loads(body)["DatabaseName"]}
            return await _not_found(ministack, scope, "AWSGlue.GetDatabase", wanted)
    except (ValueError, KeyError, TypeError):
        pass  # it names nothing: ministack answers with an error
    return ""


async def _not_found(ministack: Application, scope: Scope, target: str, wanted: dict[str, Any]) -> str:
    content = json.dumps(wanted).encode()
    headers = [pair for pair in scope["headers"] if pair[0] != b"x-amz-target"]
    asked = {**scope, "headers": [*headers, (b"x-amz-target", target.encode())]}
    _, _, body = await answer_of(ministack, sized(asked, content), replaying(content))
    answer = json.loads(body)
    return str(answer["message"]) if answer.get("__type") == "EntityNotFoundException" else ""
