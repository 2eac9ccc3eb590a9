"""Requests that a layer before ministack makes, or forwards with a body that it has read."""

from __future__ import annotations

from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

from nrti_local.server.asgi import Application, Receive, Scope
from nrti_local.server.layers.protocols import RawAnswer

#: What the sender of the request in progress has signed, where a layer has put another body in its place.
_SIGNED: ContextVar[bytes | None] = ContextVar("signed", default=None)
_OF_THE_CALLER = {b"authorization", b"host", b"x-amz-date"}


def replacing(scope: Scope, original: bytes, body: bytes) -> tuple[Scope, Receive]:
    """The request with another body, whose signature still covers the original one."""
    if _SIGNED.get() is None:
        _SIGNED.set(original)
    return sized(scope, body), replaying(body)


def signed(body: bytes) -> bytes:
    """What the sender has signed of the request whose body this is; asked once for each request."""
    found = _SIGNED.get()
    _SIGNED.set(None)
    return body if found is None else found


def sized(scope: Scope, body: bytes) -> Scope:
    """The request with the length of another body."""
    headers = [pair for pair in scope["headers"] if pair[0] != b"content-length"]
    return {**scope, "headers": [*headers, (b"content-length", str(len(body)).encode())]}


def asking(scope: Scope, method: str, query: bytes, *headers: tuple[bytes, bytes]) -> Scope:
    """A request without a body for the same thing, by the same caller."""
    kept = [pair for pair in scope["headers"] if pair[0] in _OF_THE_CALLER]
    return {**scope, "method": method, "query_string": query, "headers": [*kept, *headers]}


def replaying(body: bytes) -> Receive:
    """Delivers the body in one piece, then a disconnect."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive


async def answer_of(application: Application, scope: Scope, receive: Receive) -> RawAnswer:
    """The whole answer to a request, without a content-length: status, headers and body."""
    head: MutableMapping[str, Any] = {}
    body = bytearray()

    async def take(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            head.update(message)
        else:
            body.extend(message.get("body", b""))

    await application(scope, receive, take)
    headers = [pair for pair in head["headers"] if pair[0].lower() != b"content-length"]
    return head["status"], headers, bytes(body)
