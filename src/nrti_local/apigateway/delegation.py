"""Passes requests for methods that are not served here to ministack."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from nrti_local.apigateway.request import Request
from nrti_local.apigateway.response import Response
from nrti_local.server.asgi import Application
from nrti_local.server.layers.inner_requests import replaying

#: Headers that every answer gets.
_GENERAL = {b"content-length", b"date"}


async def answer(ministack: Application, request: Request) -> Response:
    """Returns ministack's answer to a request as it was sent."""
    response, parts = Response(500), []

    async def collect(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            response.status = message["status"]
            for name, value in message["headers"]:
                if name.lower() not in _GENERAL:
                    response.add(name.decode("latin-1"), value.decode("latin-1"))
        else:
            parts.append(message.get("body", b""))

    await ministack(request.scope, replaying(request.sent), collect)
    response.body = b"".join(parts)
    return response
