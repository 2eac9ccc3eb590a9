"""DynamoDB: the items of the predictions table."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.rounds import rounds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

    from nrti_cli.aws.target import Target

#: The key of an item: its sensor and its `event_key`.
Key = tuple[str, str]
#: An item in DynamoDB's format: attributes by name, each with its type.
Item = dict[str, Any]
#: Maximum keys of one BatchGetItem.
_KEYS_AT_ONCE = 100
#: Segments of a parallel scan.
_SEGMENTS = 4
_IDENTITY = "sensor, event_key, event_id, model, rescored, predicted_at, expires_at"
_NO_SHADOW, _ANY = "attribute_not_exists(shadow)", "attribute_exists(event_id)"


@dataclass(frozen=True, slots=True)
class Identity:
    """Which prediction an item is.

    Attributes:
        rescored: whether a later version of the model scored an old event.
        predicted_at: when the model had responded, in epoch milliseconds.
        expires_at: when the item may be deleted, in seconds since 1970; None if never.
    """

    sensor: str
    event_key: str
    event_id: str
    model: str
    rescored: bool
    predicted_at: int = 0
    expires_at: int | None = None


class PredictionItems:
    """The items of one table.

    Args:
        target: the AWS.
        table: its name.
        sleep: sleeps for some seconds.
    """

    def __init__(self, target: Target, table: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client: DynamoDBClient = target.client("dynamodb")
        self._table = table
        self._sleep = sleep

    def present(self, keys: Collection[Key]) -> set[Key]:
        """The keys that have an item, by a consistent read.

        Raises:
            NrtiError: the table is too busy to be read.
        """
        found = self._get(keys, ProjectionExpression="sensor, event_key")
        return {(item["sensor"]["S"], item["event_key"]["S"]) for item in found}

    def of_keys(self, keys: Collection[Key]) -> Iterator[Item]:
        """The items with these keys, in any order; keys without an item are skipped.

        Raises:
            NrtiError: the table is too busy to be read.
        """
        return self._get(keys)

    def between(self, first: str, last: str) -> Iterator[Identity]:
        """The items whose `event_key` lies between two values, in any order, without those of shadow models.

        The table has no index by time, so it is scanned completely, in parallel segments.
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

    def of_sensor(self, sensor: str, first: str, last: str, *, shadows: bool = False) -> Iterator[Identity]:
        """The same for one sensor, in order; only its own items are read.

        Args:
            sensor: its name.
            first: the lowest `event_key`.
            last: the highest one.
            shadows: with those of shadow models.
        """
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="sensor = :sensor AND event_key BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":sensor": {"S": sensor},
                ":first": {"S": first},
                ":last": {"S": last},
            },
            FilterExpression=_ANY if shadows else _NO_SHADOW,
            ProjectionExpression=_IDENTITY,
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield _identity(item)

    def latest_of_sensor(self, sensor: str, count: int) -> list[Item]:
        """The newest items of one sensor, whole, the newest first, without those of shadow models.

        Args:
            sensor: its name.
            count: the number of items that are read, with those of shadow models; 1 MB of them at most.
        """
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="sensor = :sensor",
            FilterExpression=_NO_SHADOW,
            ExpressionAttributeValues={":sensor": {"S": sensor}},
            ScanIndexForward=False,
            Limit=count,
        )
        return list(answer["Items"])

    def _page(self, segment: int, first: str, last: str, start: Any) -> Any:
        return self._client.scan(
            TableName=self._table,
            Segment=segment,
            TotalSegments=_SEGMENTS,
            FilterExpression=f"event_key BETWEEN :first AND :last AND {_NO_SHADOW}",
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
        for _ in rounds(f"table {self._table}", "read", self._sleep):
            answer = self._client.batch_get_item(RequestItems=unread)
            yield from answer["Responses"].get(self._table, [])
            unread = answer.get("UnprocessedKeys")
            if not unread:
                return


def _identity(item: Any) -> Identity:
    sensor, event_key, event_id, model = (
        item[name]["S"] for name in ("sensor", "event_key", "event_id", "model")
    )
    predicted_at = int(item["predicted_at"]["N"]) if "predicted_at" in item else 0
    expires_at = int(item["expires_at"]["N"]) if "expires_at" in item else None
    return Identity(sensor, event_key, event_id, model, "rescored" in item, predicted_at, expires_at)
