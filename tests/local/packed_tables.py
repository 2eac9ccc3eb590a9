"""A table of a patched or of a stock ministack in this process."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import dynamodb, dynamodb_streams, kinesis

from nrti_local.dynamodb import conditions, handler, stream_reads, streams
from nrti_local.dynamodb import tables as packed_tables
from nrti_local.kinesis import handler as kinesis_handler
from nrti_local.kinesis import puts as kinesis_puts
from nrti_local.kinesis import streams as kinesis_streams

PATCHES = (
    *conditions.PATCHES,
    *handler.PATCHES,
    *packed_tables.PATCHES,
    *stream_reads.PATCHES,
    *streams.PATCHES,
    *kinesis_handler.PATCHES,
    *kinesis_puts.PATCHES,
    *kinesis_streams.PATCHES,
)
#: The operations of DynamoDB Streams.
_OF_STREAMS = {"DescribeStream", "GetShardIterator", "GetRecords"}
#: An operation, and its request.
Step = tuple[str, dict[str, Any]]
#: Asks the table, and returns the status and the answer.
Ask = Callable[[Step], tuple[int, dict[str, Any]]]
TABLE: dict[str, Any] = {
    "TableName": "table",
    "KeySchema": [
        {"AttributeName": "h", "KeyType": "HASH"},
        {"AttributeName": "r", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in "hrg"],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-g",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
}


def item(h: str, r: str, **more: Any) -> dict[str, Any]:
    """An item of the table."""
    return {"h": {"S": h}, "r": {"S": r}, "n": {"N": "1"}, **more}


def key(h: str, r: str) -> dict[str, Any]:
    """Its key."""
    return {"h": {"S": h}, "r": {"S": r}}


def puts(h: str, numbers: range, size: int) -> Step:
    """Puts up to 25 items of so many bytes."""
    items = [item(h, f"{n:03d}", g={"S": f"g{n % 3}"}, x={"S": "x" * size}) for n in numbers]
    return "BatchWriteItem", {"RequestItems": {"table": [{"PutRequest": {"Item": each}} for each in items]}}


@contextlib.contextmanager
def tables(*, packed: bool, table: Mapping[str, Any] = TABLE) -> Iterator[Ask]:
    """A table of its own, that is gone afterwards, and so are the patches."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(request_scope("000000000000", "us-east-1"))
        stack.callback(dynamodb.reset)
        stack.callback(kinesis.reset)
        for patch in PATCHES if packed else ():
            stack.callback(patch.apply())
        ask(("CreateTable", dict(table)))
        yield ask


def ask(step: Step) -> tuple[int, dict[str, Any]]:
    """Has a step done by the service as it is now."""
    operation, request = step
    if operation in _OF_STREAMS:
        return of_service(dynamodb_streams, f"DynamoDBStreams_20120810.{operation}", request)
    return of_service(dynamodb, f"DynamoDB_20120810.{operation}", request)


def of_service(service: ModuleType, target: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Has a service of ministack answer a request."""
    body = json.dumps(request).encode()
    headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.0"}
    status, _, content = asyncio.run(service.handle_request("POST", "/", headers, body, {}))
    return status, json.loads(content)


def changes() -> list[tuple[Any, ...]]:
    """What the stream of the table says, but for ids and times."""
    members = ("Keys", "NewImage", "OldImage")
    return [
        (record["eventName"], *(record["dynamodb"].get(member) for member in members))
        for record in dynamodb._stream_records["table"]
    ]
