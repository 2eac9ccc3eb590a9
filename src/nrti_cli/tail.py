"""The predictions in the records of the table's stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nrti_cli.events import Prediction

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams.type_defs import AttributeValueTypeDef, RecordTypeDef


@dataclass(frozen=True)
class Stored:
    """A prediction and when it was stored.

    Attributes:
        stored_at: the later of the model's response (in milliseconds) and the stream's time of the change (in
            whole seconds, rounded down), which is the best estimate that DynamoDB allows.
    """

    prediction: Prediction
    stored_at: datetime

    @property
    def latency(self) -> float:
        """Seconds from the event until it was stored, by two clocks: the producer's and AWS's."""
        return (self.stored_at - self.prediction.timestamp).total_seconds()


@dataclass(frozen=True)
class Filter:
    """Selects predictions; None matches all."""

    sensors: frozenset[str] | None = None
    model: str | None = None
    failures: bool = False

    def __call__(self, stored: Stored) -> bool:
        """Whether the prediction is selected."""
        prediction = stored.prediction
        return (
            (self.sensors is None or prediction.sensor in self.sensors)
            and self.model in (None, prediction.model)
            and (not self.failures or prediction.prediction == 1)
        )


def new_predictions(records: Iterable[RecordTypeDef]) -> Iterator[Stored]:
    """The predictions that were stored for the first time.

    An event that is sent again overwrites its item. That is not a new prediction and is skipped, and so are
    items that other programs put into the table.
    """
    for record in records:
        if record["eventName"] != "INSERT":
            continue
        change = record["dynamodb"]
        try:
            prediction = _prediction(change["NewImage"])
        except (KeyError, ValueError):
            continue
        yield Stored(prediction, max(prediction.predicted_at, change["ApproximateCreationDateTime"]))


def _prediction(item: dict[str, AttributeValueTypeDef]) -> Prediction:
    return Prediction(
        event_id=item["event_id"]["S"],
        sensor=item["sensor"]["S"],
        model=item["model"]["S"],
        timestamp=_time(item["timestamp"]),
        received_at=_time(item["received_at"]),
        predicted_at=_time(item["predicted_at"]),
        data=tuple(_number(number["N"]) for number in item["data"]["L"]),
        prediction=int(item["prediction"]["N"]),
        endpoint=item["endpoint"]["S"],
        probability=_optional(item, "probability"),
        score=_optional(item, "score"),
        label=item["label"]["S"] if "label" in item else None,
        version=item["version"]["S"] if "version" in item else "",
        channels=int(item["channels"]["N"]) if "channels" in item else None,
    )


def _optional(item: dict[str, AttributeValueTypeDef], name: str) -> float | None:
    return float(item[name]["N"]) if name in item else None


def _number(text: str) -> float:
    """Parses a number; integers stay integers."""
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _time(milliseconds: AttributeValueTypeDef) -> datetime:
    return datetime.fromtimestamp(int(milliseconds["N"]) / 1000, UTC)
