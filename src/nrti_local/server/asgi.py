"""The ASGI interface between the layers and services of the embedded AWS: its types, bodies and answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, overload

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
#: Names in lower case, and values.
Headers = list[tuple[bytes, bytes]]
#: Status, headers and body, as ministack's services return them.
Answer = tuple[int, dict[str, str], bytes]


class ClientGoneError(Exception):
    """The client closed its connection before it had sent the whole body."""


@overload
async def read(receive: Receive) -> bytes: ...
@overload
async def read(receive: Receive, limit: int) -> bytes | None: ...
async def read(receive: Receive, limit: int | None = None) -> bytes | None:
    """Returns the body of a request; None, after reading all of it, if it is longer than `limit` bytes.

    Raises:
        ClientGoneError: the client closed its connection before the end of the body.
    """
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part = message.get("body", b"")
        size += len(part)
        if limit is None or size <= limit:
            parts.append(part)
        if not message.get("more_body"):
            return None if limit is not None and size > limit else b"".join(parts)


def json_members(body: bytes) -> dict[str, Any]:
    """Returns the members of a JSON request; none if it is not a JSON object, which its service refuses."""
    try:
        request = json.loads(body)
    except ValueError:
        return {}
    return present(request) if isinstance(request, dict) else {}


def present(members: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the members that have a value: to AWS, one that is null is as one that is not sent."""
    return {name: value for name, value in members.items() if value is not None}


async def respond(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Sends an answer."""
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_answer(send: Send, answer: Answer) -> None:
    """Sends an answer of a service."""
    status, headers, body = answer
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await respond(send, status, raw, body)
