from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from nrti_cli.remote.inference_function.records import item
from nrti_cli.remote.transform_function.handler import handler
from tests.unit.remote.conftest import VERSION, judged

EVENT: dict[str, Any] = {"sensor": "s", "model": "m", "data": [1, 2.5], "timestamp": 5, "event_id": "e"}
IMAGE = item(EVENT, judged("m", 1, 0.75), 1_790_000_000_123, 1_790_000_001_000)


def change(name: str = "INSERT", image: Any = IMAGE) -> dict[str, Any]:
    """A change as DynamoDB writes it to a Kinesis stream."""
    return {
        "awsRegion": "us-east-1",
        "eventID": "b0b5",
        "eventName": name,
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": "nrti-predictions",
        "dynamodb": {"ApproximateCreationDateTime": 1, "Keys": {}, "NewImage": image, "SizeBytes": 1},
        "eventSource": "aws:dynamodb",
    }


def transform(*changes: object) -> list[dict[str, Any]]:
    texts = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in changes]
    records = [
        {"recordId": str(i), "approximateArrivalTimestamp": 1, "data": base64.b64encode(text).decode()}
        for i, text in enumerate(texts)
    ]
    answer: dict[str, list[dict[str, Any]]] = handler({"invocationId": "i", "records": records}, None)
    assert [record["recordId"] for record in answer["records"]] == [record["recordId"] for record in records]
    return answer["records"]


def test_an_insert_becomes_a_row() -> None:
    (record,) = transform(change())

    line = base64.b64decode(record["data"])
    assert record["result"] == "Ok"
    assert line.endswith(b"\n")
    assert json.loads(line) == {
        "event_id": "e",
        "sensor": "s",
        "model": "m",
        "event_time": "1970-01-01 00:00:00.005",
        "prediction": 1,
        "probability": 0.75,
        "data": [1.0, 2.5],
        "received_time": "2026-09-21 14:13:20.123",
        "predicted_time": "2026-09-21 14:13:21.000",
        "score": None,
        "label": None,
        "version": VERSION,
        "channels": None,
        "rescored": False,
        "shadow": False,
    }


def test_a_shadow_prediction_is_marked() -> None:
    (record,) = transform(change(image={**IMAGE, "shadow": {"N": "1"}}))

    assert json.loads(base64.b64decode(record["data"]))["shadow"] is True


@pytest.mark.parametrize("name", ["MODIFY", "REMOVE"])
def test_an_event_that_was_sent_again_has_its_row_already(name: str) -> None:
    (record,) = transform(change(name))

    assert record["result"] == "Dropped"


@pytest.mark.parametrize(
    "broken",
    [
        b"nonsense",
        b"[]",
        b"{}",
        b"\xff\xfe",
        change(image={}),
        change(image={**IMAGE, "data": {"S": "x"}}),
        change(image={**IMAGE, "timestamp": {"N": "1e99"}}),
        change(image={**IMAGE, "timestamp": {"N": str(10**30)}}),
    ],
    ids=repr,
)
def test_a_broken_record_fails_alone_and_is_kept(broken: object) -> None:
    first, second, third = transform(change(), broken, change())

    assert [first["result"], second["result"], third["result"]] == ["Ok", "ProcessingFailed", "Ok"]
    sent = broken if isinstance(broken, bytes) else json.dumps(broken).encode()
    assert base64.b64decode(second["data"]) == sent


def test_a_call_leaves_its_counts_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    transform(change(), change("MODIFY"))

    assert json.loads(capsys.readouterr().out) == {"invocation_id": "i", "Ok": 1, "Dropped": 1}
