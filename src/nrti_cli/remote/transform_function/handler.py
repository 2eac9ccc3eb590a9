"""Converts the table's changes to rows of the lake, for Firehose.

Each record is a change, as DynamoDB writes it to a Kinesis stream. Only inserts become rows: an event that
was sent twice overwrites its item, which has a row already.
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
    """The entry point, called by Firehose: each record returns as `Ok`, `Dropped` or `ProcessingFailed`."""
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
        # Firehose writes it below the lake's error prefix.
        print(json.dumps({"record_id": record.get("recordId"), "error": repr(error)}))
        return {"recordId": record["recordId"], "result": "ProcessingFailed", "data": record["data"]}
    return {"recordId": record["recordId"], "result": "Ok", "data": base64.b64encode(line.encode()).decode()}


def row(image: Mapping[str, Any]) -> dict[str, Any]:
    """The row of an item, with the columns of the lake's table."""
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
        "shadow": "shadow" in image,
    }


def _number(image: Mapping[str, Any], name: str) -> float | None:
    return float(image[name]["N"]) if name in image else None


def _time(milliseconds: str) -> str:
    """A `timestamp` in UTC, in a format of Firehose's OpenX JSON SerDe."""
    seconds, rest = divmod(int(milliseconds), 1000)
    return f"{_second(seconds)}.{rest:03d}"


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    """Cached: a batch has few distinct seconds, and formatting one takes as long as the rest of a row.

    The inference function has a similar one. The functions are deployed separately and share no code.
    """
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"
