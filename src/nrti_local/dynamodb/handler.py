"""The entry of a request to DynamoDB: it chooses what the table shows, and answers a plain batch write."""

from __future__ import annotations

import json
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from nrti_local.durability.packed.items import showing
from nrti_local.dynamodb import batch_write, pages
from nrti_local.ministack.patch import Patch

#: Status, headers and body.
Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, Any], Awaitable[Answer]]


def _handling(original: Handler) -> Handler:
    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: Any
    ) -> Answer:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if operation == "BatchWriteItem" and (answer := _written(body)):
            return answer
        if operation not in pages.READERS:
            return await original(method, path, headers, body, query)
        with showing(pages.Page(operation, body)):
            return await original(method, path, headers, body, query)

    return handle_request


def _written(body: bytes) -> Answer | None:
    """The answer to a plain batch write; None for every other one."""
    try:
        answer = batch_write.write(json.loads(body))
    except ValueError:
        return None
    if answer:
        answer[1]["x-amz-crc32"] = str(zlib.crc32(answer[2]))
    return answer


PATCHES = (
    Patch(
        "ministack.services.dynamodb",
        "handle_request",
        "A Query and a Scan read and sort all items for each page, and a BatchWriteItem validates each item "
        "twice and measures it three times.",
        _handling,
    ),
)
