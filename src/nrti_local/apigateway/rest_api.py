"""The short way of a request to a REST API, past ministack's search for the service that it is for.

ministack asks some forty handlers in turn whether a request is theirs; a REST API's comes late. What the API
does with it is ministack's own.
"""

from __future__ import annotations

import time
from email.utils import formatdate
from functools import lru_cache
from uuid import uuid4

from ministack import app
from ministack.core.sigv4 import decode_header_value
from ministack.services import apigateway_v1

from nrti_local.server.gateway import Application, Receive, Scope, Send

#: A request with one of these may be another account's, or has a body that needs decoding.
_UNUSUAL = {b"authorization", b"content-encoding", b"x-amz-content-sha256"}


def before(ministack: Application) -> Application:
    """Has requests to REST APIs take the short way, and all others the usual one."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        address = _address(scope) if scope["type"] == "http" else None
        if address:
            await _answer(address, scope, receive, send)
        else:
            await ministack(scope, receive, send)

    return serve


def _address(scope: Scope) -> tuple[str, str, str] | None:
    """The API, stage and path of a request to a REST API of this account; None if anything is special."""
    if scope["method"] != "POST" or scope["query_string"] or app.AUTH:
        return None
    if any(name in _UNUSUAL for name, _ in scope["headers"]):
        return None
    address: tuple[str, str, str] | None = app._parse_execute_api_url("", scope["path"])  # noqa: SLF001
    return address if address and apigateway_v1.find_api_scope(address[0]) else None


async def _answer(address: tuple[str, str, str], scope: Scope, receive: Receive, send: Send) -> None:
    api_id, stage, path = address
    body = await _read(receive)
    if body is None:
        return
    status, told, content = await apigateway_v1.handle_execute(
        api_id, stage, scope["method"], path, _headers(scope), body, {}
    )
    content = content if isinstance(content, bytes) else content.encode()
    if not any(name.lower() == "x-amzn-requestid" for name in told):
        told["x-amzn-RequestId"] = str(uuid4())
    told["Content-Length"] = str(len(content))
    raw = [(b"date", _date(int(time.time()))), *app._asgi_header_list(told)]  # noqa: SLF001
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": content})


def _headers(scope: Scope) -> dict[str, str]:
    """By name; one that is repeated has its values joined, as RFC 9110 has it."""
    headers: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1"), decode_header_value(value)
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return headers


async def _read(receive: Receive) -> bytes | None:
    """The body, or None if the sender went away."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


@lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()
