"""Requests to an ASGI application without a server."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from nrti_local.server.asgi import Application, Receive, Scope, Send


@dataclass
class Answer:
    """The answer of an application."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Fake:
    """Gives one answer to everything, and keeps what it was asked.

    Attributes:
        status: of its answers.
        body: of its answers.
    """

    status: int = 200
    body: bytes = b"{}"
    asked: list[tuple[Scope, bytes]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request; the answer leaves in two pieces."""
        self.asked.append((scope, (await receive())["body"]))
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": self.body[:3], "more_body": True})
        await send({"type": "http.response.body", "body": self.body[3:]})


def ask(
    application: Application,
    service: str,
    *,
    target: str = "",
    method: str = "POST",
    path: str = "/",
    query: str = "",
    body: bytes = b"{}",
    **headers: str,
) -> Answer:
    """Sends a request that is signed for a service; underscores in names of headers stand for hyphens."""
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    if service:
        credential = f"AWS4-HMAC-SHA256 Credential=test/20261127/eu-central-2/{service}/aws4_request, "
        sent.append((b"authorization", credential.encode()))
    if target:
        sent.append((b"x-amz-target", target.encode()))
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": sent,
    }
    answer = Answer()

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], dict(message["headers"])
        else:
            answer.body += message["body"]

    asyncio.run(application(scope, receive, send))  # type: ignore[arg-type] # a coroutine, as they all are
    return answer
