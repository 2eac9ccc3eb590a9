"""The entry of a request to DynamoDB: it answers or refuses some, and chooses what a reader sees."""

from __future__ import annotations

import zlib
from typing import Any

from nrti_local.durability.packed.items import showing
from nrti_local.dynamodb import batch_write, filters, pages, selections, time_to_live, update_paths
from nrti_local.ministack.entry import Handler, Request, answering, name
from nrti_local.ministack.patch import Patch
from nrti_local.server.asgi import Answer


def _batch_write(request: Request) -> Answer | None:
    answer = batch_write.write(request)
    if answer:
        answer[1]["x-amz-crc32"] = str(zlib.crc32(answer[2]))
    return answer


def _query(request: Request) -> Answer | None:
    return selections.check(request) or filters.check(request)


_OPERATIONS = {
    "BatchWriteItem": _batch_write,
    "DescribeTimeToLive": time_to_live.describe,
    "Query": _query,
    "Scan": selections.check,
    "TransactWriteItems": update_paths.check_transaction,
    "UpdateItem": update_paths.check,
    "UpdateTimeToLive": time_to_live.update,
}


def _handling(original: Handler) -> Handler:
    async def show(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Answer:
        operation = name(headers)
        if operation not in pages.READERS:
            return await original(method, path, headers, body, query)
        with showing(pages.Page(operation, body)):
            return await original(method, path, headers, body, query)

    return answering(_OPERATIONS)(show)


PATCHES = (
    Patch(
        "ministack.services.dynamodb",
        "handle_request",
        "A Query and a Scan read and sort all items for each page, a BatchWriteItem validates each item "
        "twice and measures it three times, expired items leave no records in the streams, and filters on "
        "keys, two changes of one attribute and contradictory selections are accepted.",
        _handling,
    ),
)
