"""The predictions of former model versions: sending an event again does not change its prediction.

BatchWriteItem has no conditions, and a read before every write would cost as much as the write. An event that
is younger than its model's version cannot have been scored by a former one, so only older events are looked
up. With `rescore`, the sender requests a prediction by the new version for such an event, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .endpoints import Answer, EndpointUnavailable, Judgement
from .records import judgement_of, key
from .variants import published_at

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

Judged = tuple[Any, Answer]
#: The attributes of a judgement in an item; by aliases, since DynamoDB reserves hundreds of words.
_JUDGEMENT = ("prediction", "probability", "score", "label", "predicted_at", "endpoint", "version")
_NAMES = {f"#{name}": name for name in ("sensor", "event_key", *_JUDGEMENT)}
_ROUNDS = 3


@dataclass(frozen=True)
class Former:
    """The stored predictions.

    Attributes:
        client: creates a client of DynamoDB.
        table: the predictions table.
    """

    client: Callable[[], DynamoDBClient]
    table: str

    def keep(self, judged: Sequence[Judged]) -> list[Judged]:
        """The same, with the stored prediction of a former version where there is one."""
        places = {
            key(event, answer.version): position
            for position, (event, answer) in enumerate(judged)
            if isinstance(answer, Judgement) and _may_be_older(event, answer)
        }
        kept = list(judged)
        for place, item in (self._stored(list(places)) if places else {}).items():
            event, answer = kept[places[place]]
            stored = judgement_of(item)
            if isinstance(answer, Judgement) and stored.version != answer.version:
                kept[places[place]] = event, stored
        return kept

    def _stored(self, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Any]:
        """The existing items; EndpointUnavailable makes the workflow retry later."""
        wanted: Any = {
            self.table: {
                "Keys": [{"sensor": {"S": sensor}, "event_key": {"S": rest}} for sensor, rest in keys],
                "ConsistentRead": True,
                "ProjectionExpression": ", ".join(_NAMES),
                "ExpressionAttributeNames": _NAMES,
            }
        }
        found: list[Any] = []
        for _ in range(_ROUNDS):
            answer = self.client().batch_get_item(RequestItems=wanted)
            found += answer["Responses"].get(self.table, [])
            wanted = answer.get("UnprocessedKeys")
            if not wanted:
                return {(item["sensor"]["S"], item["event_key"]["S"]): item for item in found}
        raise EndpointUnavailable(f"table {self.table} is too busy to be read")


def _may_be_older(event: Mapping[str, Any], answer: Judgement) -> bool:
    since = published_at(answer.version)
    return since is not None and event["timestamp"] < since and not event.get("rescore")
