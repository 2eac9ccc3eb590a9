"""DynamoDB: deletes items. Operators have no permission for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.rounds import rounds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

    from nrti_cli.aws.dynamodb.items import Key
    from nrti_cli.aws.target import Target

#: Maximum items of one BatchWriteItem.
_AT_ONCE = 25


class ItemDeletion:
    """Deletes items of one table.

    Args:
        target: the AWS.
        table: its name.
        sleep: sleeps for some seconds.
    """

    def __init__(self, target: Target, table: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client: DynamoDBClient = target.client("dynamodb")
        self._table = table
        self._sleep = sleep

    def delete(self, keys: Collection[Key]) -> Iterator[int]:
        """Deletes items; yields the number of each batch once it is gone. Keys without an item are ignored.

        Raises:
            NrtiError: the table is too busy to be written.
        """
        wanted = list(keys)
        for at in range(0, len(wanted), _AT_ONCE):
            some = wanted[at : at + _AT_ONCE]
            self._delete(some)
            yield len(some)

    def _delete(self, keys: list[Key]) -> None:
        requests: Any = {
            self._table: [
                {"DeleteRequest": {"Key": {"sensor": {"S": sensor}, "event_key": {"S": key}}}}
                for sensor, key in keys
            ]
        }
        for _ in rounds(f"table {self._table}", "written", self._sleep):
            requests = self._client.batch_write_item(RequestItems=requests).get("UnprocessedItems")
            if not requests:
                return
