"""Refuses requests that AWS refuses and ministack would accept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from nrti_local.server.asgi import Application, Receive, Scope, Send, json_members, read, respond
from nrti_local.server.layers import protocols
from nrti_local.server.layers.inner_requests import replaying
from nrti_local.server.layers.protocols import Request

#: The code and the message of an error.
Refusal = tuple[str, str]
Members = Mapping[str, Any]

#: The longest key of an object, in bytes.
_LONGEST_KEY = 1024
_HASH_KEYS = 2**128


def before(ministack: Application) -> Application:
    """Refuses these requests and forwards all others."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = protocols.request(scope) if scope["type"] == "http" else None
        check = _CHECKS.get((request.service, request.target)) if request else None
        if request is not None and _has_long_key(request):
            await respond(send, *request.error(400, "KeyTooLongError", "Your key is too long"))
        elif request is None or check is None:
            await ministack(scope, receive, send)
        else:
            body = await read(receive)
            refusal = check(json_members(body))
            if refusal:
                await respond(send, *request.error(400, *refusal))
            else:
                await ministack(scope, replaying(body), send)

    return serve


def _has_long_key(request: Request) -> bool:
    if request.service != "s3" or request.method not in {"PUT", "POST"}:
        return False
    return len(request.path.partition("/")[2].partition("/")[2].encode()) > _LONGEST_KEY


def _hash_key(record: Members) -> Refusal | None:
    key = record.get("ExplicitHashKey")
    if key is None:
        return None
    if refusal := _decimal(key, "explicitHashKey"):
        return refusal
    if int(key) >= _HASH_KEYS:
        bounds = "ExplicitHashKey must be in the range: [0, 2^128-1]"
        return "InvalidArgumentException", f"Invalid ExplicitHashKey. {bounds}. Specified value was {key}"
    return None


def _decimal(key: Any, member: str) -> Refusal | None:
    if re.fullmatch(r"0|[1-9]\d{0,38}", str(key)):
        return None
    constraint = "Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})"
    where = f"Value '{key}' at '{member}' failed to satisfy constraint"
    return "ValidationException", f"1 validation error detected: {where}: {constraint}"


def _new_hash_key(request: Members) -> Refusal | None:
    return _decimal(request.get("NewStartingHashKey"), "newStartingHashKey")


def _hash_keys(request: Members) -> Refusal | None:
    records = [record for record in request.get("Records") or () if isinstance(record, dict)]
    return next(filter(None, map(_hash_key, records)), None)


def _iterator(request: Members) -> Refusal | None:
    kind = request.get("ShardIteratorType")
    if kind in {"AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"} and not request.get("StartingSequenceNumber"):
        return (
            "InvalidArgumentException",
            f"Must specify StartingSequenceNumber parameter for iterator of type {kind}",
        )
    if kind == "AT_TIMESTAMP" and request.get("Timestamp") is None:
        return (
            "InvalidArgumentException",
            "Must specify timestamp parameter for iterator of type AT_TIMESTAMP",
        )
    return None


_CHECKS: dict[tuple[str, str], Callable[[Members], Refusal | None]] = {
    ("kinesis", "GetShardIterator"): _iterator,
    ("kinesis", "PutRecord"): _hash_key,
    ("kinesis", "PutRecords"): _hash_keys,
    ("kinesis", "SplitShard"): _new_hash_key,
}
