"""The sizes of the pipeline's records, measured on a sample, because AWS bills by rounded sizes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

KIB = 1024
#: A value with six significant digits, as sensors report.
_NUMBER = 57.1234
_MOMENT = 1_763_819_401_123
_EVENT_ID = "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5"
_MODEL = "failure-v1"
_EVENT_KEY = f"2025-11-22T13:50:01.123Z#{_EVENT_ID}#{_MODEL}"

#: A row without its sequence. Columns with repeated values compress well.
_ROW_BYTES = 100
_ROW_NUMBER_BYTES = 4

#: Fields of a prediction that the response to a waiting producer leaves out.
_UNTOLD = {"data", "event_key"}


@dataclass(frozen=True)
class Sizes:
    """The size in bytes of one event in each of its forms.

    Attributes:
        event: JSON in a request.
        instance: its values as they are sent to the endpoint.
        item: by DynamoDB's count.
        record: the change of the table in Kinesis.
        row: in a parquet file; assumed, not measured.
        outcome: its prediction in the response to a waiting producer.
    """

    event: int
    instance: int
    item: int
    record: int
    row: int
    outcome: int


def sizes(length: int) -> Sizes:
    """The sizes for sequences of this length."""
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
    """The size by DynamoDB's rules: names and values; see "DynamoDB item sizes and formats" in its guide."""
    return sum(len(name) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: object) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, list):
        return 3 + sum(1 + _value_bytes(each) for each in value)
    digits = f"{value}".replace(".", "").strip("0")
    return 1 + (len(digits) + 1) // 2


def _record(item: dict[str, Any]) -> dict[str, Any]:
    """The envelope of a table's change in Kinesis."""
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
