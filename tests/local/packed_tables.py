"""A table of a patched or of a stock ministack in this process, and what asks it."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import dynamodb, dynamodb_streams, kinesis

from nrti_local.dynamodb import batch_write, packing, streams
from nrti_local.dynamodb import patches as once
from nrti_local.kinesis import patches as kinesis_patches

PATCHES = (
    *batch_write.PATCHES,
    *once.PATCHES,
    *packing.PATCHES,
    *streams.PATCHES,
    *kinesis_patches.PATCHES,
)
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
    """Has a step done by the handler as it is now."""
    operation, request = step
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
    module = next(each for each in (dynamodb, dynamodb_streams) if hasattr(each, f"_{name}"))
    status, _, body = getattr(module, f"_{name}")(json.loads(json.dumps(request)))
    return status, json.loads(body)


def changes() -> list[tuple[Any, ...]]:
    """What the stream of the table says, but for ids and times."""
    members = ("Keys", "NewImage", "OldImage")
    return [
        (record["eventName"], *(record["dynamodb"].get(member) for member in members))
        for record in dynamodb._stream_records["table"]
    ]
