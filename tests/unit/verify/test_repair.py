"""What the lake lacks is put into the stream again, each item whole, and until the stream has taken it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_cli.aws.dynamodb.items import Item, PredictionItems
from nrti_cli.aws.kinesis.change_records import ChangeRecords
from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.remote.transform_function.handler import row
from tests.unit.conftest import Stub

TOO_BUSY = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded"}


def _item(number: int) -> Item:
    numbers = {"timestamp": number, "received_at": 1, "predicted_at": 2, "prediction": 1, "probability": 0.5}
    return {
        "sensor": {"S": "s"},
        "event_key": {"S": f"k{number}"},
        "event_id": {"S": f"e{number}"},
        "model": {"S": "m"},
        "data": {"L": [{"N": "1"}]},
        **{name: {"N": str(value)} for name, value in numbers.items()},
    }


def _answer(*results: dict[str, str]) -> dict[str, Any]:
    refused = sum("ErrorCode" in result for result in results)
    answer = {"Records": [{"ShardId": "s", **result} for result in results]}
    return {**answer, "FailedRecordCount": refused} if refused else answer


def _records(target: Target, wait_delays: list[float]) -> ChangeRecords:
    return ChangeRecords(target, "stream", "table", wait_delays.append)


def test_what_the_stream_refuses_is_put_again_and_nothing_else(
    target: Target, stub: Stub, wait_delays: list[float]
) -> None:
    sent: list[Any] = []
    target.client("kinesis").meta.events.register(
        "provide-client-params.kinesis.PutRecords", lambda params, **_: sent.append(params["Records"])
    )
    stub("kinesis").add_response("put_records", _answer({"SequenceNumber": "1"}, TOO_BUSY))
    stub("kinesis").add_response("put_records", _answer({"SequenceNumber": "2"}))

    assert _records(target, wait_delays).put([_item(1), _item(2)]) == 2

    changes = [[json.loads(record["Data"]) for record in records] for records in sent]
    assert [[row(change["dynamodb"]["NewImage"])["event_id"] for change in some] for some in changes] == [
        ["e1", "e2"],
        ["e2"],
    ]
    assert {change["eventName"] for some in changes for change in some} == {"INSERT"}
    assert len(wait_delays) == 1


def test_a_stream_that_stays_busy_is_named(target: Target, stub: Stub, wait_delays: list[float]) -> None:
    for _ in range(8):
        stub("kinesis").add_response("put_records", _answer(TOO_BUSY))

    with pytest.raises(NrtiError, match="stream stream is too busy"):
        _records(target, wait_delays).put([_item(1)])


def test_no_more_is_put_at_once_than_kinesis_takes(
    target: Target, stub: Stub, wait_delays: list[float]
) -> None:
    for count in (500, 500, 1):
        stub("kinesis").add_response("put_records", _answer(*[{"SequenceNumber": "1"}] * count))

    assert _records(target, wait_delays).put(map(_item, range(1001))) == 1001


def test_items_are_read_whole_and_until_all_are_read(
    target: Target, stub: Stub, wait_delays: list[float]
) -> None:
    left = {"t": {"Keys": [{"sensor": {"S": "s"}, "event_key": {"S": "k2"}}]}}
    stub("dynamodb").add_response("batch_get_item", {"Responses": {"t": [_item(1)]}, "UnprocessedKeys": left})
    stub("dynamodb").add_response("batch_get_item", {"Responses": {"t": [_item(2)]}})

    found = PredictionItems(target, "t", wait_delays.append).of_keys([("s", "k1"), ("s", "k2")])

    assert list(found) == [_item(1), _item(2)]
