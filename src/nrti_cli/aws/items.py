"""DynamoDB: the items of the predictions' table."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

    from nrti_cli.aws.target import Target

#: Of an item: its sensor and its `event_key`.
Key = tuple[str, str]
#: An item as DynamoDB has it: attributes by name, each with its type.
Item = dict[str, Any]
#: What BatchGetItem takes at most.
_KEYS_AT_ONCE = 100
#: How often keys may come back unread, and the first pause before they are asked for again; it doubles.
_ROUNDS, _PAUSE = 8, 0.1
#: Parts of a table that are scanned side by side.
_SEGMENTS = 4
_IDENTITY = "sensor, event_key, event_id, model, rescored"


@dataclass(frozen=True, slots=True)
class Identity:
    """Which prediction an item is; `rescored` if a later version of the model made it of an old event."""

    sensor: str
    event_key: str
    event_id: str
    model: str
    rescored: bool


class Items:
    """The items of one table.

    Args:
        target: where DynamoDB is.
        table: its name.
        sleep: waits some seconds.
    """

    def __init__(self, target: Target, table: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client: DynamoDBClient = target.client("dynamodb")
        self._table = table
        self._sleep = sleep

    def present(self, keys: Collection[Key]) -> set[Key]:
        """Those of the keys under which something is stored, as it is now and not a moment ago.

        Raises:
            NrtiError: the table is too busy to be read.
        """
        found = self._get(keys, ProjectionExpression="sensor, event_key")
        return {(item["sensor"]["S"], item["event_key"]["S"]) for item in found}

    def of_keys(self, keys: Collection[Key]) -> Iterator[Item]:
        """The items under these keys, whole, in no order; where nothing is stored there is none.

        Raises:
            NrtiError: the table is too busy to be read.
        """
        return self._get(keys)

    def between(self, first: str, last: str) -> Iterator[Identity]:
        """The items whose `event_key` lies between two, in no order.

        DynamoDB has no index by time, so all of the table is read, in segments side by side.
        """
        with ThreadPoolExecutor(_SEGMENTS, thread_name_prefix="scan") as pool:
            todo = {
                pool.submit(self._page, segment, first, last, None): segment for segment in range(_SEGMENTS)
            }
            while todo:
                done, _ = wait(todo, return_when=FIRST_COMPLETED)
                for future in done:
                    segment, answer = todo.pop(future), future.result()
                    if following := answer.get("LastEvaluatedKey"):
                        todo[pool.submit(self._page, segment, first, last, following)] = segment
                    for item in answer["Items"]:
                        yield _identity(item)

    def of_sensor(self, sensor: str, first: str, last: str) -> Iterator[Identity]:
        """The same of one sensor, in order, for which its own items are read only."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="sensor = :sensor AND event_key BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":sensor": {"S": sensor},
                ":first": {"S": first},
                ":last": {"S": last},
            },
            ProjectionExpression=_IDENTITY,
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield _identity(item)

    def _page(self, segment: int, first: str, last: str, start: Any) -> Any:
        return self._client.scan(
            TableName=self._table,
            Segment=segment,
            TotalSegments=_SEGMENTS,
            FilterExpression="event_key BETWEEN :first AND :last",
            ExpressionAttributeValues={":first": {"S": first}, ":last": {"S": last}},
            ProjectionExpression=_IDENTITY,
            ConsistentRead=True,
            **({"ExclusiveStartKey": start} if start else {}),
        )

    def _get(self, keys: Collection[Key], **options: Any) -> Iterator[Item]:
        wanted = list(dict.fromkeys(keys))
        for at in range(0, len(wanted), _KEYS_AT_ONCE):
            yield from self._get_some(wanted[at : at + _KEYS_AT_ONCE], options)

    def _get_some(self, keys: list[Key], options: dict[str, Any]) -> Iterator[Item]:
        unread: Any = {
            self._table: {
                "Keys": [{"sensor": {"S": sensor}, "event_key": {"S": key}} for sensor, key in keys],
                "ConsistentRead": True,
                **options,
            }
        }
        for attempt in range(_ROUNDS):
            answer = self._client.batch_get_item(RequestItems=unread)
            yield from answer["Responses"].get(self._table, [])
            unread = answer.get("UnprocessedKeys")
            if not unread:
                return
            self._sleep(_PAUSE * 2**attempt)
        raise NrtiError(f"table {self._table} is too busy to be read", hint="try again later")


def _identity(item: Any) -> Identity:
    sensor, event_key, event_id, model = (
        item[name]["S"] for name in ("sensor", "event_key", "event_id", "model")
    )
    return Identity(sensor, event_key, event_id, model, "rescored" in item)
