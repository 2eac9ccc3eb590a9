"""Adds the checksum of an object to the answer to PutObject; ministack returns it only to HeadObject."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from nrti_local.server.asgi import Application, Receive, Scope, Send
from nrti_local.server.layers import protocols
from nrti_local.server.layers.inner_requests import asking, replaying

#: How a client names the checksum: as a header, behind the body, or computed by S3.
_SENT = (b"x-amz-checksum-", b"x-amz-trailer", b"x-amz-sdk-checksum-algorithm")
_KEPT = b"x-amz-checksum-"
_MODE = (_KEPT + b"mode", b"ENABLED")


def before(ministack: Application) -> Application:
    """Adds the checksum to the answers."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _puts_object(scope):
            await ministack(scope, receive, send)
            return

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                message["headers"] = [*message["headers"], *await _checksums(ministack, scope, message)]
            await send(message)

        await ministack(scope, receive, answer)

    return serve


def _puts_object(scope: Scope) -> bool:
    if scope["method"] != "PUT" or b"uploadId" in scope["query_string"]:
        return False
    request = protocols.request(scope)
    names = [name for name, _ in scope["headers"]]
    return (
        request is not None
        and request.service == "s3"
        and any(name.startswith(_SENT) for name in names)
        and b"x-amz-copy-source" not in names
    )


async def _checksums(
    ministack: Application, scope: Scope, answer: MutableMapping[str, Any]
) -> list[tuple[bytes, bytes]]:
    """The headers with the checksum of an object."""
    version = dict(answer["headers"]).get(b"x-amz-version-id", b"")
    query = b"versionId=" + version if version else b""
    found: list[tuple[bytes, bytes]] = []

    async def take(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            found.extend(pair for pair in message["headers"] if pair[0].lower().startswith(_KEPT))

    await ministack(asking(scope, "HEAD", query, _MODE), replaying(b""), take)
    return found
