"""The predictions in the records of the table's stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from nrti_cli.events import Prediction

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams.type_defs import AttributeValueTypeDef, RecordTypeDef

    #: As DynamoDB has it: attributes by name, each with its type.
    Item = Mapping[str, AttributeValueTypeDef]


#: The end of the year 9999, in epoch milliseconds: the last time that an event may have.
_LAST = 253_402_300_799_999


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


class Brief(NamedTuple):
    """What of a prediction is counted; reading all of it takes three times as long.

    Attributes:
        key: of its item, beside the sensor.
        timestamp: of the event, in epoch milliseconds, as is `predicted_at`.
    """

    sensor: str
    key: str
    model: str
    version: str
    timestamp: int
    predicted_at: int
    prediction: int
    probability: float | None


def new_predictions(records: Iterable[RecordTypeDef]) -> Iterator[Stored]:
    """The predictions that were stored for the first time; items of other programs are left out."""
    for item, changed_at in new_items(records):
        try:
            found = stored(item, changed_at)
        except (KeyError, ValueError):
            continue
        yield found


def new_items(records: Iterable[RecordTypeDef]) -> Iterator[tuple[Item, datetime]]:
    """The items that were stored for the first time, each with the stream's time of the change.

    An event that is sent again overwrites its item. That is not a new prediction and is skipped, and so are
    the predictions of shadow models.
    """
    for record in records:
        if record["eventName"] == "INSERT":
            change = record["dynamodb"]
            if "shadow" not in change["NewImage"]:
                yield change["NewImage"], change["ApproximateCreationDateTime"]


def stored(item: Item, changed_at: datetime) -> Stored:
    """Reads an item.

    Raises:
        KeyError: it is not a prediction.
        ValueError: the same.
    """
    prediction = _prediction(item)
    return Stored(prediction, max(prediction.predicted_at, changed_at))


def stored_item(item: Item) -> Stored:
    """Reads an item of the table, which does not say when it changed.

    Raises:
        KeyError: it is not a prediction.
        ValueError: the same.
    """
    prediction = _prediction(item)
    return Stored(prediction, prediction.predicted_at)


def brief(item: Item) -> Brief:
    """Reads what of an item is counted.

    Raises:
        KeyError: it is not a prediction.
        ValueError: the same.
    """
    return Brief(
        sensor=item["sensor"]["S"],
        key=item["event_key"]["S"],
        model=item["model"]["S"],
        version=item["version"]["S"] if "version" in item else "",
        timestamp=_milliseconds(item["timestamp"]),
        predicted_at=_milliseconds(item["predicted_at"]),
        prediction=_binary(item["prediction"]),
        probability=_share(item),
    )


def _prediction(item: Item) -> Prediction:
    return Prediction(
        event_id=item["event_id"]["S"],
        sensor=item["sensor"]["S"],
        model=item["model"]["S"],
        timestamp=_time(item["timestamp"]),
        received_at=_time(item["received_at"]),
        predicted_at=_time(item["predicted_at"]),
        data=_sequence(item["data"]),
        prediction=_binary(item["prediction"]),
        endpoint=item["endpoint"]["S"],
        probability=_share(item),
        score=float(item["score"]["N"]) if "score" in item else None,
        label=item["label"]["S"] if "label" in item else None,
        version=item["version"]["S"] if "version" in item else "",
        channels=int(item["channels"]["N"]) if "channels" in item else None,
    )


def _binary(value: AttributeValueTypeDef) -> int:
    found = value["N"]
    if found not in {"0", "1"}:
        raise ValueError(f"{found} is neither 0 nor 1")
    return int(found)


def _share(item: Item) -> float | None:
    if "probability" not in item:
        return None
    found = float(item["probability"]["N"])
    if not 0 <= found <= 1:
        raise ValueError(f"{found} is not a probability")
    return found


def _sequence(value: AttributeValueTypeDef) -> tuple[float, ...]:
    if not value["L"]:
        raise ValueError("a sequence has numbers")
    return tuple(_number(number["N"]) for number in value["L"])


def _number(text: str) -> float:
    """Parses a number; integers stay integers."""
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _time(value: AttributeValueTypeDef) -> datetime:
    return datetime.fromtimestamp(_milliseconds(value) / 1000, UTC)


def _milliseconds(value: AttributeValueTypeDef) -> int:
    found = int(value["N"])
    if not 0 <= found <= _LAST:
        raise ValueError(f"{found} is not a time before the year 10000")
    return found
