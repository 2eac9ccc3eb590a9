from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nrti_cli.tail import Filter, Stored, new_predictions, stored_item

SENT = datetime(2026, 11, 22, 13, 50, 1, 123000, tzinfo=UTC)
SECOND = SENT.replace(microsecond=0)


def milliseconds(time: datetime) -> dict[str, str]:
    return {"N": str(round(time.timestamp() * 1000))}


def record(event: str = "INSERT", created: datetime = SECOND, **changes: Any) -> Any:
    item = {
        "event_id": {"S": "e1"},
        "sensor": {"S": "sensor-x"},
        "model": {"S": "failure-v1"},
        "timestamp": milliseconds(SENT),
        "received_at": milliseconds(SENT + timedelta(milliseconds=5)),
        "predicted_at": milliseconds(SENT + timedelta(milliseconds=12)),
        "data": {"L": [{"N": "3"}, {"N": "97.5"}, {"N": "-12"}]},
        "prediction": {"N": "1"},
        "probability": {"N": "0.9931"},
        "endpoint": {"S": "nrti-failure-v1"},
    } | changes
    return {"eventName": event, "dynamodb": {"ApproximateCreationDateTime": created, "NewImage": item}}


def one(**changes: Any) -> Stored:
    return next(new_predictions([record(**changes)]))


def test_an_item_becomes_a_prediction() -> None:
    prediction = one().prediction
    assert prediction.sensor == "sensor-x"
    assert prediction.timestamp == SENT
    assert prediction.data == (3, 97.5, -12)
    assert (prediction.prediction, prediction.probability) == (1, 0.9931)


def test_the_latency_ends_with_the_models_answer_or_a_later_time_of_the_change() -> None:
    assert one().latency == pytest.approx(0.012)
    assert one(created=SECOND.replace(second=4)).latency == pytest.approx(2.877)


@pytest.mark.parametrize("event", ["MODIFY", "REMOVE"])
def test_an_event_that_is_sent_again_is_no_new_prediction(event: str) -> None:
    assert not list(new_predictions([record(event)]))


def test_a_shadow_prediction_is_not_shown() -> None:
    assert not list(new_predictions([record(shadow={"N": "1"})]))


def test_items_of_other_programs_do_not_matter() -> None:
    foreign = {"eventName": "INSERT", "dynamodb": {"ApproximateCreationDateTime": SENT, "NewImage": {}}}
    assert len(list(new_predictions([foreign, record(timestamp={"N": "1.5"}), record()]))) == 1  # type: ignore[list-item]


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"L": []}},
        {"data": {"L": [{"S": "3"}]}},
        {"prediction": {"N": "2"}},
        {"prediction": {"N": "-1"}},
        {"probability": {"N": "-0.2"}},
        {"probability": {"N": "1.7"}},
        {"timestamp": {"N": "253402300800000"}},
        {"predicted_at": {"N": "1e30"}},
        {"predicted_at": {"N": "-1"}},
    ],
)
def test_what_is_no_prediction_is_left_out(changes: dict[str, Any]) -> None:
    assert not list(new_predictions([record(**changes)]))
    with pytest.raises((KeyError, ValueError)):
        stored_item(record(**changes)["dynamodb"]["NewImage"])


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        (Filter(), True),
        (Filter(sensors=frozenset({"sensor-x", "b"})), True),
        (Filter(sensors=frozenset({"b"})), False),
        (Filter(model="failure-v1"), True),
        (Filter(model="failure-v2"), False),
        (Filter(failures=True), True),
    ],
)
def test_filters(wanted: Filter, matches: bool) -> None:
    assert wanted(one()) == matches


def test_normal_predictions_are_no_failures() -> None:
    assert not Filter(failures=True)(one(prediction={"N": "0"}))
