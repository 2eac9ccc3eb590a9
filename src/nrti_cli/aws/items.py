"""DynamoDB: the items of the predictions' table."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

    from nrti_cli.aws.target import Target

#: Of an item: its sensor and its `event_key`.
Key = tuple[str, str]
#: What BatchGetItem takes at most.
_KEYS_AT_ONCE = 100
#: How often keys may come back unread, and the first pause before they are asked for again; it doubles.
_ROUNDS, _PAUSE = 8, 0.1


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
            NrtiError: the table is too busy to tell.
        """
        wanted = list(dict.fromkeys(keys))
        pieces = (wanted[at : at + _KEYS_AT_ONCE] for at in range(0, len(wanted), _KEYS_AT_ONCE))
        return {key for piece in pieces for key in self._present(piece)}

    def _present(self, keys: list[Key]) -> set[Key]:
        found: set[Key] = set()
        unread: Any = {
            self._table: {
                "Keys": [{"sensor": {"S": sensor}, "event_key": {"S": key}} for sensor, key in keys],
                "ConsistentRead": True,
                "ProjectionExpression": "sensor, event_key",
            }
        }
        for attempt in range(_ROUNDS):
            answer = self._client.batch_get_item(RequestItems=unread)
            items = answer["Responses"].get(self._table, [])
            found |= {(item["sensor"]["S"], item["event_key"]["S"]) for item in items}
            unread = answer.get("UnprocessedKeys")
            if not unread:
                return found
            self._sleep(_PAUSE * 2**attempt)
        raise NrtiError(f"table {self._table} is too busy to be read", hint="try again later")
