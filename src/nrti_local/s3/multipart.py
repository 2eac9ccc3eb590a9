"""Refuses to complete a multipart upload that has no parts, or whose parts are out of order or too small."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlencode

from nrti_local.server.asgi import Application, Receive, Scope, Send, read, respond
from nrti_local.server.layers import protocols
from nrti_local.server.layers.inner_requests import asking, replaying

#: The bytes that every part except the last must have.
_SMALLEST = 5 * 1024 * 1024
_NUMBER = re.compile(rb"<PartNumber>\s*(\d+)\s*</PartNumber>")
_PART = re.compile(rb"<Part>.*?<PartNumber>(\d+)</PartNumber>.*?<Size>(\d+)</Size>.*?</Part>", re.DOTALL)
_OUT_OF_ORDER = (
    "InvalidPartOrder",
    "The list of parts was not in ascending order. The parts list must be specified in order by part number.",
)
_MALFORMED = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
)
_TOO_SMALL = "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"


def before(ministack: Application) -> Application:
    """Checks the parts before ministack joins them."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        upload = (
            parse_qs(scope["query_string"].decode("latin-1")).get("uploadId") if _may_end(scope) else None
        )
        request = protocols.request(scope) if upload else None
        if upload is None or request is None:
            await ministack(scope, receive, send)
            return
        body = await read(receive)
        numbers = [int(number) for number in _NUMBER.findall(body)]
        sizes = await _sizes(ministack, scope, upload[0])
        if not numbers:
            await respond(send, *request.error(400, *_MALFORMED))
        elif numbers != sorted(set(numbers)):
            await respond(send, *request.error(400, *_OUT_OF_ORDER))
        elif sizes.keys() >= set(numbers) and any(sizes[number] < _SMALLEST for number in numbers[:-1]):
            await respond(send, *request.error(400, *_TOO_SMALL))
        else:
            await ministack(scope, replaying(body), send)

    return serve


def _may_end(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "POST" and b"uploadId=" in scope["query_string"]


async def _sizes(ministack: Application, scope: Scope, upload: str) -> dict[int, int]:
    """The sizes of the parts of an upload, by number; empty if they cannot be listed."""
    sizes: dict[int, int] = {}
    marker = 0
    while True:
        page = await _listed(ministack, scope, {"uploadId": upload, "part-number-marker": str(marker)})
        found = {int(number): int(size) for number, size in _PART.findall(page)}
        sizes |= found
        if b"<IsTruncated>true</IsTruncated>" not in page or not found:
            return sizes
        marker = max(found)


async def _listed(ministack: Application, scope: Scope, query: dict[str, str]) -> bytes:
    answer = bytearray()

    async def take(message: MutableMapping[str, Any]) -> None:
        answer.extend(message.get("body", b""))

    await ministack(asking(scope, "GET", urlencode(query).encode()), replaying(b""), take)
    return bytes(answer)
