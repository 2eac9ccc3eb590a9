"""The little HTTP that the two APIs need, on ASGI."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from nrti_local.server.errors import ServiceError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Response:
    """An answer; the request id is added when it is sent."""

    status: int
    content_type: str
    body: bytes
    headers: Headers = field(default_factory=list)


def header(scope: Scope, name: bytes) -> str:
    """A request header's value, empty if it is not there; `name` is in lower case."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def json_response(status: int, content: Any, content_type: str, headers: Headers | None = None) -> Response:
    """An answer with a JSON body."""
    return Response(status, content_type, json.dumps(content).encode(), headers or [])


async def read(receive: Receive, limit: int) -> bytes | None:
    """The request's body; None, once all of it was read, if it has more than `limit` bytes."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks) if size <= limit else None


async def respond(send: Send, response: Response) -> None:
    """Sends an answer."""
    headers = [
        (b"content-type", response.content_type.encode("latin-1")),
        (b"content-length", str(len(response.body)).encode()),
        (b"x-amzn-requestid", str(uuid4()).encode()),
        *response.headers,
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def fault_headers(fault: ServiceError) -> Headers:
    """The header that names an error's code."""
    return [(b"x-amzn-errortype", fault.code.encode())]
