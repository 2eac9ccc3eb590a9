"""Converts events to stored items or dead letters, and builds the function's result."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from .answers import Verdict
from .endpoints import Judgement, Rejection
from .signature import channels, numbers
from .validation import is_model_name

Record = dict[str, Any]

#: The smallest positive number of DynamoDB.
_SMALLEST_NUMBER = 1e-130
#: Limit of a result in bytes. A state holds 262,144, with the outcomes of earlier pieces and what a failure
#: adds.
_ANSWER_BYTES = 190_000
#: BatchWriteItem's limit. The API takes as many events; an execution that is started directly may have more.
_MOST_ITEMS = 25
#: An upper bound for the size of an item or a dead letter beyond the event's JSON, with its outcome.
_RECORD_BYTES = 4_200
#: The size of `{"N": "…"}` around each number.
_NUMBER_BYTES = 10
_CAUSE_CHARACTERS = 1_000
_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Request:
    """The request with the events; `received_at` is in epoch milliseconds."""

    request_id: str
    received_at: int

    def complete(self, event: Record, position: int) -> Record:
        """The event with the fields that its producer left out, so that sending it twice stores it once."""
        return {
            **event,
            "timestamp": int(event.get("timestamp", self.received_at)),
            "event_id": event.get("event_id", f"{self.request_id}-{position}"),
        }

    def dead_letters(self, rejected: Iterable[tuple[Any, Rejection]]) -> list[Record]:
        """Messages for the queue: one for all events of a model with the same reason."""
        groups: dict[tuple[Rejection, str], list[Any]] = {}
        for event, rejection in rejected:
            model = event.get("model") if isinstance(event, dict) else None
            groups.setdefault((rejection, model if is_model_name(model) else ""), []).append(event)
        return [
            {
                "body": {
                    "error": rejection.error,
                    "cause": rejection.cause[:_CAUSE_CHARACTERS],
                    "request_id": self.request_id,
                    "received_at": self.received_at,
                    "events": events,
                },
                "attributes": _attributes(error=rejection.error, model=model),
            }
            for (rejection, model), events in groups.items()
        ]


def _attributes(**values: str) -> Record:
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items() if value}


def end_of_batch(events: Sequence[object], start: int) -> int:
    """How many events from `start` on fit into one result, whatever their outcome; at least one."""
    rest = events[start : start + _MOST_ITEMS]
    if len(json.dumps(rest)) + sum(map(_added_bytes, rest)) <= _ANSWER_BYTES:
        return start + len(rest)  # the usual case, found by a single serialization
    size = 0
    for position, event in enumerate(rest, start):
        size += len(json.dumps(event)) + _added_bytes(event)
        if size > _ANSWER_BYTES and position > start:
            return position
    return start + len(rest)


def _added_bytes(event: object) -> int:
    """An upper bound for what a result contains beyond an event's JSON."""
    data = event.get("data") if isinstance(event, dict) else None
    count = sum(len(part) if isinstance(part, list) else 1 for part in data) if isinstance(data, list) else 0
    return _RECORD_BYTES + count * _NUMBER_BYTES


def batch(
    table: str, items: Sequence[Record], letters: Sequence[Record], predictions: str, following: int | None
) -> dict[str, Any]:
    """The result for the state machine; see handler.py."""
    # BatchWriteItem refuses two items with the same key; the later one would overwrite the other anyway.
    unique = {(item["sensor"]["S"], item["event_key"]["S"]): item for item in items}
    return {
        "pending": {"RequestItems": {table: [{"PutRequest": {"Item": item}} for item in unique.values()]}},
        "has_items": bool(unique),
        "rejected": list(letters),
        "has_rejected": bool(letters),
        "predictions": predictions,
        "next": following,
    }


def key(event: Mapping[str, Any], version: str) -> tuple[str, str]:
    """The sensor and `event_key` of the prediction of an event by its model.

    A rescored event has a key of its own for the later version of the model, and so has the prediction of a
    shadow: the same model may be asked for the same event by its own name.
    """
    last = "#shadow" if event.get("shadow") else ""
    last += f"#{version}" if event.get("rescore") else ""
    return event["sensor"], f"{_iso(event['timestamp'])}#{event['event_id']}#{event['model']}{last}"


def item(
    event: Mapping[str, Any],
    judgement: Judgement,
    received_at: int,
    predicted_at: int,
    retention_days: int = 0,
) -> Record:
    """The stored prediction, in DynamoDB's JSON.

    A redriven event has the time when it was first received. The retention begins with the prediction: events
    of long ago may be sent, too.
    """
    sensor, event_key = key(event, judgement.version)
    verdict = judgement.verdict
    stored = {
        "sensor": {"S": sensor},
        "event_key": {"S": event_key},
        "event_id": {"S": event["event_id"]},
        "model": {"S": event["model"]},
        "timestamp": {"N": str(event["timestamp"])},
        "received_at": {"N": str(int(event.get("received_at", received_at)))},
        "predicted_at": {"N": str(predicted_at)},
        "data": {"L": [*map(_number, numbers(event["data"]))]},
        "prediction": {"N": str(verdict.prediction)},
        "endpoint": {"S": judgement.endpoint},
        "version": {"S": judgement.version},
    }
    if verdict.probability is not None:
        stored["probability"] = _number(verdict.probability)
    if verdict.score is not None:
        stored["score"] = _number(verdict.score)
    if verdict.label is not None:
        stored["label"] = {"S": verdict.label}
    if width := channels(event["data"]):
        stored["channels"] = _number(width)
    if event.get("rescore"):
        stored["rescored"] = {"BOOL": True}
    if event.get("shadow"):
        # A number: Step Functions has another name than DynamoDB for the type of truth values.
        stored["shadow"] = {"N": "1"}
    if retention_days:
        stored["expires_at"] = _number(predicted_at // 1000 + retention_days * _DAY_SECONDS)
    return stored


def new_items(
    judged: Iterable[tuple[Mapping[str, Any], Judgement | Rejection]],
    received_at: int,
    predicted_at: int,
    retention_days: int,
) -> list[Record]:
    """The items of what was scored, without what a former attempt has stored."""
    return [
        item(event, answer, received_at, predicted_at, retention_days)
        for event, answer in judged
        if isinstance(answer, Judgement) and answer.predicted_at is None
    ]


def judgement_of(item: Mapping[str, Any]) -> Judgement:
    """The judgement in a stored item."""

    def number(name: str) -> float | None:
        return float(item[name]["N"]) if name in item else None

    verdict = Verdict(
        int(item["prediction"]["N"]), number("probability"), number("score"), item.get("label", {}).get("S")
    )
    predicted_at = int(item["predicted_at"]["N"])
    return Judgement(item["endpoint"]["S"], item.get("version", {}).get("S", ""), verdict, predicted_at)


def event_of(item: Mapping[str, Any]) -> Record:
    """The event in a stored item."""
    values = [json.loads(value["N"]) for value in item["data"]["L"]]
    width = int(item["channels"]["N"]) if "channels" in item else 0
    return {
        "sensor": item["sensor"]["S"],
        "model": item["model"]["S"],
        "data": [values[at : at + width] for at in range(0, len(values), width)] if width else values,
        "timestamp": int(item["timestamp"]["N"]),
        "event_id": item["event_id"]["S"],
        **({"rescore": True} if "rescored" in item else {}),
    }


def _number(value: float) -> Record:
    """A number in DynamoDB's JSON; integers keep all their digits."""
    return {"N": repr(value) if abs(value) >= _SMALLEST_NUMBER else "0"}


def _iso(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    """Cached: the events of a batch have few distinct seconds.

    The transform function has a similar one. The functions are deployed separately and share no code.
    """
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
