"""Makes rows of the lake from the table's changes, for Firehose.

Each record is one change, as DynamoDB writes it to a Kinesis stream. Only an insert becomes a row: an event
that was sent twice overwrites its item, and has its row already.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

Record = Mapping[str, Any]


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 (Lambda passes it)
    """What Firehose calls: every record comes back with its id, `Ok`, `Dropped` or `ProcessingFailed`."""
    records = [_transform(record) for record in event["records"]]
    results = Counter(record["result"] for record in records)
    print(json.dumps({"invocation_id": event.get("invocationId"), **results}))
    return {"records": records}


def _transform(record: Record) -> dict[str, Any]:
    try:
        change = json.loads(base64.b64decode(record["data"]))
        if change["eventName"] != "INSERT":
            return {"recordId": record["recordId"], "result": "Dropped", "data": record["data"]}
        line = json.dumps(row(change["dynamodb"]["NewImage"])) + "\n"
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        # Firehose keeps it below the lake's error prefix.
        print(json.dumps({"record_id": record.get("recordId"), "error": repr(error)}))
        return {"recordId": record["recordId"], "result": "ProcessingFailed", "data": record["data"]}
    return {"recordId": record["recordId"], "result": "Ok", "data": base64.b64encode(line.encode()).decode()}


def row(image: Mapping[str, Any]) -> dict[str, Any]:
    """The row of an item, by the columns of the lake's table."""
    return {
        "event_id": image["event_id"]["S"],
        "sensor": image["sensor"]["S"],
        "model": image["model"]["S"],
        "event_time": _time(image["timestamp"]["N"]),
        "prediction": int(image["prediction"]["N"]),
        "probability": _number(image, "probability"),
        "data": [float(value["N"]) for value in image["data"]["L"]],
        "received_time": _time(image["received_at"]["N"]),
        "predicted_time": _time(image["predicted_at"]["N"]),
        "score": _number(image, "score"),
        "label": image["label"]["S"] if "label" in image else None,
        "version": image["version"]["S"] if "version" in image else None,
        "channels": int(image["channels"]["N"]) if "channels" in image else None,
        "rescored": "rescored" in image,
    }


def _number(image: Mapping[str, Any], name: str) -> float | None:
    return float(image[name]["N"]) if name in image else None


def _time(milliseconds: str) -> str:
    """A form of `timestamp` that Firehose's OpenX JSON SerDe reads, in UTC."""
    seconds, rest = divmod(int(milliseconds), 1000)
    return f"{_second(seconds)}.{rest:03d}"


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    """A batch has few seconds and many times, and to write one out takes as long as all else of a row."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"
