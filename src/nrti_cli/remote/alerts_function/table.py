"""Reads the recent items of the predictions table, sensor by sensor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

#: An event of a clock that is further ahead is not counted as the newest.
_AHEAD_MS = 600_000
_NAMES = {
    "#key": "event_key",
    "#model": "model",
    "#prediction": "prediction",
    "#shadow": "shadow",
    "#rescored": "rescored",
}


class Item(NamedTuple):
    """A prediction: its key, which begins with the event's time; its model; and whether it is a failure."""

    key: str
    model: str
    failed: bool


class Table:
    """The predictions table.

    Args:
        client: of DynamoDB.
        name: of the table.
    """

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    def between(self, sensor: str, first: str, last: str) -> Iterator[Item]:
        """The predictions of a sensor with keys between these two, without shadow and repeated ones."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="sensor = :sensor AND #key BETWEEN :first AND :last",
            ExpressionAttributeNames=_NAMES,
            ExpressionAttributeValues={
                ":sensor": {"S": sensor},
                ":first": {"S": first},
                ":last": {"S": last},
            },
            ProjectionExpression=", ".join(_NAMES),
        )
        for page in pages:
            for item in page["Items"]:
                if "shadow" not in item and "rescored" not in item:
                    yield Item(item["event_key"]["S"], item["model"]["S"], item["prediction"]["N"] == "1")

    def last_heard(self, sensor: str, limit: int, now: int) -> int:
        """When the last prediction of a sensor was made, in epoch milliseconds; 0 without any.

        The newest event decides, by the sensor's own clock. If its prediction is older than `limit`, the
        sensor's clock may once have been far ahead, so events from the future are left out then.
        """
        newest = self._newest(sensor, "~")
        return newest if newest > limit else max(newest, self._newest(sensor, time_key(now + _AHEAD_MS)))

    def _newest(self, sensor: str, until: str) -> int:
        answer = self._client.query(
            TableName=self._name,
            KeyConditionExpression="sensor = :sensor AND event_key <= :until",
            ExpressionAttributeValues={":sensor": {"S": sensor}, ":until": {"S": until}},
            ProjectionExpression="predicted_at",
            ScanIndexForward=False,
            Limit=1,
        )
        return max((int(item["predicted_at"]["N"]) for item in answer["Items"]), default=0)


def time_key(milliseconds: int) -> str:
    """The beginning of the keys of a time."""
    seconds = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{seconds:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def time_of(key: str) -> int:
    """The time at the beginning of a key, in epoch milliseconds."""
    return round(datetime.fromisoformat(key[:24]).timestamp() * 1000)
