from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from nrti_cli.remote.inference_function.answers import Verdict
from nrti_cli.remote.inference_function.endpoints import Answer, Judgement, Rejection
from nrti_cli.remote.inference_function.outcomes import outcome, text
from nrti_cli.remote.inference_function.records import (
    Request,
    batch,
    end_of_batch,
    event_of,
    item,
    judgement_of,
)
from tests.unit.remote.conftest import VERSION, judged

REQUEST = Request("r", 1_790_000_000_123)
EVENT: dict[str, Any] = {"sensor": "s", "model": "m", "data": [1, 2.5], "timestamp": 5, "event_id": "e"}
YES = judged("m", 1, 0.75)
#: What one state of Step Functions holds.
STATE_BYTES = 262_144


def test_a_prediction_is_stored_with_its_event() -> None:
    assert item(EVENT, YES, 1_790_000_000_123, 1_790_000_000_456) == {
        "sensor": {"S": "s"},
        "event_key": {"S": "1970-01-01T00:00:00.005Z#e#m"},
        "event_id": {"S": "e"},
        "model": {"S": "m"},
        "timestamp": {"N": "5"},
        "received_at": {"N": "1790000000123"},
        "predicted_at": {"N": "1790000000456"},
        "data": {"L": [{"N": "1"}, {"N": "2.5"}]},
        "prediction": {"N": "1"},
        "probability": {"N": "0.75"},
        "endpoint": {"S": "nrti-m"},
        "version": {"S": VERSION},
    }


def test_what_is_redriven_was_received_when_it_came_first() -> None:
    assert item({**EVENT, "received_at": 7}, YES, 8, 9)["received_at"] == {"N": "7"}


def test_a_prediction_expires_some_days_after_it_was_made() -> None:
    assert "expires_at" not in item(EVENT, YES, 8, 1_790_000_000_456, 0)
    assert item(EVENT, YES, 8, 1_790_000_000_456, 30)["expires_at"] == {"N": str(1_790_000_000 + 30 * 86_400)}
    assert event_of(item(EVENT, YES, 0, 0, 30)) == EVENT


def test_keys_sort_as_times_do() -> None:
    times = [0, 999, 1_000, 1_790_000_000_123, 253_402_300_799_999]
    keys = [item({**EVENT, "timestamp": time}, YES, 0, 0)["event_key"]["S"] for time in times]

    assert keys == sorted(keys)
    assert keys[-1] == "9999-12-31T23:59:59.999Z#e#m"


@pytest.mark.parametrize("value", [0, -0.0, 7, 0.1, 1e38, -1e38, 10**38 - 1, 1e-129, 2**60 + 1, 1.5e-7])
def test_dynamodb_takes_every_number_as_it_is(value: float) -> None:
    (stored,) = item({**EVENT, "data": [value]}, YES, 0, 0)["data"]["L"]

    assert type(value)(json.loads(stored["N"])) == value
    assert len(Decimal(stored["N"]).normalize().as_tuple().digits) <= 38


def test_a_number_too_small_for_dynamodb_is_zero() -> None:
    assert item({**EVENT, "data": [1e-200]}, YES, 0, 0)["data"] == {"L": [{"N": "0"}]}


def test_an_item_gives_its_event_back() -> None:
    assert event_of(item(EVENT, YES, 0, 0)) == EVENT


def test_several_channels_are_stored_in_one_row_and_come_back() -> None:
    event = {**EVENT, "data": [[1, 2], [3, 4], [5, 6]], "rescore": True}
    stored = item(event, YES, 0, 0)

    assert (stored["channels"], len(stored["data"]["L"])) == ({"N": "2"}, 6)
    assert event_of(stored) == event


def test_each_model_and_each_rescoring_version_has_an_item_of_its_own() -> None:
    events = [EVENT, {**EVENT, "model": "n"}, {**EVENT, "rescore": True}]
    keys = [item(event, YES, 0, 0)["event_key"]["S"] for event in events]

    time = "1970-01-01T00:00:00.005Z"
    assert keys == [f"{time}#e#m", f"{time}#e#n", f"{time}#e#m#{VERSION}"]


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict(1),
        Verdict(0, 0.1),
        Verdict(1, None, 3.5),
        Verdict(1, 0.8, None, "bearing"),
    ],
)
def test_an_item_gives_its_judgement_back(verdict: Verdict) -> None:
    judgement = Judgement("nrti-m", VERSION, verdict)

    assert judgement_of(item(EVENT, judgement, 0, 7)) == replace(judgement, predicted_at=7)


def test_what_the_producer_left_out_is_completed() -> None:
    event = {"sensor": "s", "model": "m", "data": [1]}

    assert REQUEST.complete(event, 3) == {**event, "timestamp": 1_790_000_000_123, "event_id": "r-3"}
    assert REQUEST.complete(EVENT, 3) == EVENT


def test_the_same_event_twice_in_a_batch_is_stored_once() -> None:
    again = {**EVENT, "data": [9]}
    other = {**EVENT, "sensor": "t"}

    answer = batch("t", [item(event, YES, 0, 0) for event in (EVENT, again, other)], [], "", None)

    puts = answer["pending"]["RequestItems"]["t"]
    assert [event_of(put["PutRequest"]["Item"]) for put in puts] == [again, other]


def test_events_that_failed_alike_share_a_dead_letter() -> None:
    unknown, invalid = Rejection("UnknownModel", "no such model"), Rejection("InvalidEvent", "not an object")

    letters = REQUEST.dead_letters(
        [(EVENT, unknown), (7, invalid), (EVENT, unknown), ({"model": "\n"}, invalid)]
    )

    assert [letter["body"] for letter in letters] == [
        {
            "error": "UnknownModel",
            "cause": "no such model",
            "request_id": "r",
            "received_at": 1_790_000_000_123,
            "events": [EVENT, EVENT],
        },
        {
            "error": "InvalidEvent",
            "cause": "not an object",
            "request_id": "r",
            "received_at": 1_790_000_000_123,
            "events": [7, {"model": "\n"}],
        },
    ]
    assert letters[0]["attributes"] == {
        "error": {"DataType": "String", "StringValue": "UnknownModel"},
        "model": {"DataType": "String", "StringValue": "m"},
    }
    assert set(letters[1]["attributes"]) == {"error"}


def test_a_long_cause_is_cut() -> None:
    (letter,) = REQUEST.dead_letters([(EVENT, Rejection("ModelError", "x" * 30_000))])

    assert len(letter["body"]["cause"]) == 1_000


@pytest.mark.parametrize("number", [7, 0.12345678901234567, -1.2345678901234567e-31, 10**37])
@pytest.mark.parametrize("letter", ["x", "é", "🛢", '"'])
@pytest.mark.parametrize(
    "answer",
    [
        Judgement("x" * 63, "v" * 63, Verdict(1, 0.12345678901234567, -1.2345678901234567e-31, "🛢" * 64)),
        Rejection("E", "c" * 1000, 422),
    ],
)
def test_whatever_becomes_of_a_batch_fits_into_a_state(number: float, letter: str, answer: Answer) -> None:
    now, name = 1_790_000_000_123, letter * 128
    event = {"sensor": name, "model": "m" * 58, "timestamp": now, "event_id": name, "data": [number] * 512}
    events, start, before = [event] * 25, 0, ""
    while start < len(events):
        end = end_of_batch(events, start)
        piece = events[start:end]
        items = [item(each, answer, now, now) for each in piece if isinstance(answer, Judgement)]
        letters = REQUEST.dead_letters((each, answer) for each in piece if isinstance(answer, Rejection))
        predictions = text(
            [outcome(each, answer, now, now) for each in piece], array=True, first=True, last=True
        )
        state = {"answer": batch("t", items, letters, predictions, 24), "predictions": before}
        assert len(json.dumps(state, ensure_ascii=False).encode()) < STATE_BYTES - 32_768
        assert end > start
        start, before = end, before + predictions


def test_usual_batches_go_in_one_piece() -> None:
    assert end_of_batch([{**EVENT, "data": [99] * 8}] * 25, 0) == 25


def test_a_piece_has_no_more_items_than_one_request_stores() -> None:
    events = [{**EVENT, "data": [99] * 8}] * 60

    assert [end_of_batch(events, start) for start in (0, 25, 50)] == [25, 50, 60]
