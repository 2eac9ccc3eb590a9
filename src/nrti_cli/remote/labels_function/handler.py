"""Records the labels of a request, and returns those to reject.

The state machine calls it with the request. The labels go to Firehose as one record of several JSON
documents, so that they reach the lake together. A repeated call records the same rows again: the order of
labels is that of their requests, whenever the function runs. The result:

    {"recorded": int, "rejected": [{"body": dead letter, "attributes": SQS attributes}], "has_rejected": bool}

If Firehose fails, its error is raised, and the state machine retries.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session

from .validation import defect

if TYPE_CHECKING:
    from mypy_boto3_firehose.client import FirehoseClient

_NANOSECONDS = 1_000_000


@cache
def _firehose() -> FirehoseClient:
    # The state machine does the retries.
    config = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 1})
    create: Any = Session().create_client
    firehose: FirehoseClient = create("firehose", config=config)
    return firehose


def handler(payload: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 (Lambda passes it)
    """The entry point, called by Lambda."""
    return record(payload, _firehose(), os.environ["DELIVERY_STREAM"])


def record(payload: Mapping[str, Any], firehose: FirehoseClient, delivery_stream: str) -> dict[str, Any]:
    """Records the labels without defects.

    Raises:
        ClientError: Firehose does not take them; a later attempt may succeed.
    """
    given = payload["labels"] if isinstance(payload["labels"], list) else [payload["labels"]]
    defects = [defect(label) for label in given]
    rows = [
        row(label, payload["received_at"], position)
        for position, (label, wrong) in enumerate(zip(given, defects, strict=True))
        if not wrong
    ]
    if rows:
        data = "".join(json.dumps(each) + "\n" for each in rows).encode()
        firehose.put_record(DeliveryStreamName=delivery_stream, Record={"Data": data})
    rejected = letters(payload, given, defects)
    counts = {"labels": len(rows), "rejected": len(given) - len(rows)}
    print(json.dumps({"request_id": payload["request_id"], **counts}))
    return {"recorded": len(rows), "rejected": rejected, "has_rejected": bool(rejected)}


def row(label: Mapping[str, Any], received_at: int, position: int) -> dict[str, Any]:
    """The row of a label in the lake's table `labels`.

    Args:
        label: without defects.
        received_at: when the API received its request, in epoch milliseconds.
        position: in the request; later labels are later words.
    """
    start, end = (label.get(name, label.get("timestamp")) for name in ("start", "end"))
    return {
        "event_id": label.get("event_id"),
        "sensor": label.get("sensor"),
        "start_time": None if start is None else _time(start),
        "end_time": None if end is None else _time(end),
        "label": int(label["label"]),
        "labelled_time": _time(received_at),
        "recorded": received_at * _NANOSECONDS + position,
    }


def letters(payload: Mapping[str, Any], given: Sequence[Any], defects: Sequence[str | None]) -> list[Any]:
    """Messages for the dead-letter queue: one for all labels with the same defect."""
    groups: dict[str, list[Any]] = {}
    for label, wrong in zip(given, defects, strict=True):
        if wrong:
            groups.setdefault(wrong, []).append(label)
    return [
        {
            "body": {
                "error": "InvalidLabel",
                "cause": wrong,
                "request_id": payload["request_id"],
                "received_at": payload["received_at"],
                "labels": labels,
            },
            "attributes": {"error": {"DataType": "String", "StringValue": "InvalidLabel"}},
        }
        for wrong, labels in groups.items()
    ]


def _time(milliseconds: float) -> str:
    """A `timestamp` in UTC, in a format of Firehose's OpenX JSON SerDe."""
    seconds, rest = divmod(int(milliseconds), 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{rest:03d}"
