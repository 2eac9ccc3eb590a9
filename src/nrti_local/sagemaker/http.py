"""Requests and responses of the two APIs, on ASGI."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from nrti_local.server import asgi
from nrti_local.server.asgi import Headers, Scope, Send
from nrti_local.server.shared.errors import ServiceError


@dataclass(frozen=True)
class Response:
    """A response; the request id is added when it is sent."""

    status: int
    content_type: str
    body: bytes
    headers: Headers = field(default_factory=list)


def header(scope: Scope, name: bytes) -> str:
    """Returns a request header's value, or an empty text; `name` is in lower case."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def json_response(status: int, content: Any, content_type: str, headers: Headers | None = None) -> Response:
    """Returns a response with a JSON body."""
    return Response(status, content_type, json.dumps(content).encode(), headers or [])


async def respond(send: Send, response: Response) -> None:
    """Sends a response."""
    headers = [
        (b"content-type", response.content_type.encode("latin-1")),
        (b"x-amzn-requestid", str(uuid4()).encode()),
        *response.headers,
    ]
    await asgi.respond(send, response.status, headers, response.body)


def fault_headers(fault: ServiceError) -> Headers:
    """Returns the header with an error's code."""
    return [(b"x-amzn-errortype", fault.code.encode())]
