"""How large the records of the pipeline are: measured on a sample, because AWS bills by rounded sizes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

KIB = 1024
#: A number of a sequence with six significant digits, as sensors give them.
_NUMBER = 57.1234
_MOMENT = 1_763_819_401_123
_EVENT_ID = "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5"
_MODEL = "failure-v1"
_EVENT_KEY = f"2025-11-22T13:50:01.123Z#{_EVENT_ID}#{_MODEL}"

#: Without the sequence; the columns of one file repeat much, which its encoding makes small.
_ROW_BYTES = 100
_ROW_NUMBER_BYTES = 4

#: What a sender who waits is not told of its prediction, since it knows it or has no use for it.
_UNTOLD = {"data", "event_key"}


@dataclass(frozen=True)
class Sizes:
    """Bytes of one event in each of its forms.

    Attributes:
        event: as JSON in a request.
        instance: its numbers alone, as the endpoint gets them.
        item: as DynamoDB counts an item.
        record: the change of the table that goes through Kinesis.
        row: in a parquet file; assumed, not measured.
        outcome: its prediction in the answer to a sender who waits.
    """

    event: int
    instance: int
    item: int
    record: int
    row: int
    outcome: int


def sizes(length: int) -> Sizes:
    """The sizes for sequences of that many numbers."""
    data = [_NUMBER] * length
    event = {
        "sensor": "line-1-press-3",
        "model": _MODEL,
        "data": data,
        "timestamp": _MOMENT,
        "event_id": _EVENT_ID,
    }
    item = {
        **event,
        "event_key": _EVENT_KEY,
        "received_at": _MOMENT,
        "predicted_at": _MOMENT,
        "prediction": 0,
        "probability": 0.03129482734598213,
        "endpoint": f"nrti-{_MODEL}",
        "version": "20251122153654278",
    }
    return Sizes(
        event=_json_bytes(event),
        instance=_json_bytes(data),
        item=_item_bytes(item),
        # DynamoDB writes its envelope without blanks.
        record=len(_compact(_record(item))),
        row=_ROW_BYTES + _ROW_NUMBER_BYTES * length,
        outcome=len(_compact({name: value for name, value in item.items() if name not in _UNTOLD})),
    )


def _json_bytes(value: object) -> int:
    return len(json.dumps(value).encode())


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _item_bytes(item: dict[str, Any]) -> int:
    """DynamoDB's own count: names and values; see its guide, "DynamoDB item sizes and formats"."""
    return sum(len(name) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: object) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, list):
        return 3 + sum(1 + _value_bytes(each) for each in value)
    digits = f"{value}".replace(".", "").strip("0")
    return 1 + (len(digits) + 1) // 2


def _record(item: dict[str, Any]) -> dict[str, Any]:
    """The envelope in which a table's change reaches Kinesis."""
    image = {name: _attribute(value) for name, value in item.items()}
    return {
        "awsRegion": "us-east-1",
        "eventID": _EVENT_ID,
        "eventName": "INSERT",
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": "nrti-predictions",
        "dynamodb": {
            "ApproximateCreationDateTime": _MOMENT,
            "ApproximateCreationDateTimePrecision": "MILLISECOND",
            "Keys": {name: image[name] for name in ("sensor", "event_key")},
            "NewImage": image,
            "SizeBytes": _item_bytes(item),
        },
        "eventSource": "aws:dynamodb",
    }


def _attribute(value: object) -> dict[str, Any]:
    if isinstance(value, str):
        return {"S": value}
    return {"L": [_attribute(each) for each in value]} if isinstance(value, list) else {"N": f"{value}"}
