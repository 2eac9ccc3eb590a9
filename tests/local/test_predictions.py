"""POST /predictions: the same pipeline, and the answer says what came of each event."""

from __future__ import annotations

import json
from typing import Any

from nrti_cli.aws.target import Target
from tests.local.conftest import Nrti
from tests.local.deployed import Pipeline, event
from tests.waiting import eventually

PATH = "/predictions"


def _parked(deployed: Pipeline, outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of the dead letters of an outcome's request, whose id the event ids begin with."""
    request_id = outcome["event_id"].rpartition("-")[0]
    eventually(lambda: deployed.rejected(request_id))
    return [each for letter in deployed.letters[request_id] for each in letter["events"]]


def test_an_event_is_answered_with_its_prediction_and_stored(deployed: Pipeline, sensor: str) -> None:
    status, reply = deployed.post(event(sensor), PATH)

    assert status == 200
    (item,) = deployed.items(sensor)
    assert reply == {
        "event_id": item["event_id"]["S"],
        "sensor": sensor,
        "model": "failure-v1",
        "timestamp": int(item["timestamp"]["N"]),
        "prediction": 1,
        "probability": float(item["probability"]["N"]),
        "endpoint": "nrti-failure-v1",
        "version": item["version"]["S"],
        "received_at": int(item["received_at"]["N"]),
        "predicted_at": int(item["predicted_at"]["N"]),
    }
    assert eventually(lambda: deployed.rows(sensor)) == [reply["event_id"]]


def test_an_array_is_answered_in_order_whatever_became_of_each(deployed: Pipeline, sensor: str) -> None:
    unknown, short = event(sensor, model="no-such-model"), event(sensor, 1, 2)

    status, reply = deployed.post([event(sensor, 1, 2, 3), unknown, short, event(sensor, 10, 80, 12)], PATH)

    assert status == 200
    assert [each.get("prediction") for each in reply] == [0, None, None, 1]
    assert [each.get("error") for each in reply] == [None, "UnknownModel", "InvalidData", None]
    assert all(each["dead_lettered"] and each["status"] == 422 for each in reply[1:3])
    assert "takes sequences of 3" in reply[2]["message"]
    assert [item["event_id"]["S"] for item in deployed.items(sensor)] == [
        reply[0]["event_id"],
        reply[3]["event_id"],
    ]
    assert sorted(each["event_id"] for each in _parked(deployed, reply[1])) == [
        each["event_id"] for each in reply[1:3]
    ]


def test_a_single_event_that_is_wrong_is_refused_and_parked(deployed: Pipeline, sensor: str) -> None:
    status, reply = deployed.post(event(sensor, model="no-such-model"), PATH)

    assert (status, reply["error"], reply["dead_lettered"]) == (422, "UnknownModel", True)
    assert [each["sensor"] for each in _parked(deployed, reply)] == [sensor]


def test_an_array_of_one_is_answered_by_an_array(deployed: Pipeline, sensor: str) -> None:
    status, reply = deployed.post([event(sensor)], PATH)

    assert (status, [each["sensor"] for each in reply]) == (200, [sensor])


def test_any_name_comes_back_as_it_was(deployed: Pipeline, sensor: str) -> None:
    name = ('"prediction": \\ é 🛢 ${x} $input #set ]},{[' + sensor)[-128:]

    good, bad = (deployed.post(event(name, model=model), PATH) for model in ("failure-v1", "no-such-model"))

    assert (good[0], good[1]["sensor"]) == (200, name)
    assert (bad[0], bad[1]["sensor"]) == (422, name)


def test_a_request_that_outgrows_a_state_is_answered_whole(deployed: Pipeline, sensor: str) -> None:
    long = [{**event(sensor, *[i + 0.123456789] * 512), "event_id": f"{i:02}"} for i in range(25)]

    status, reply = deployed.post(long, PATH)

    assert status == 422
    assert [each["event_id"] for each in reply] == [each["event_id"] for each in long]


def test_produce_waits_for_predictions_and_shows_them(nrti: Nrti, pipeline: Target, model: str) -> None:  # noqa: ARG001
    events = (
        '{"sensor": "waiting", "data": [10, 80, 12]}\n'
        '{"sensor": "waiting", "data": [1, 2, 3]}\n'
        '{"sensor": "waiting", "model": "no-such-model", "data": [1, 2, 3]}\n'
    )

    done = nrti("produce", "--wait", "--rate", "5", "--input", "-", input=events)

    assert done.returncode == 1
    assert "[10, 80, 12]  failure " in done.stderr
    assert "[1, 2, 3]  normal  0." in done.stderr
    assert "UnknownModel: endpoint nrti-no-such-model does not exist" in done.stderr
    assert "3 sent, 2 accepted, 0 retried, 0 rejected, 0 given up" in done.stderr
    assert "1 predicted failure, 1 in the dead letters" in done.stderr
    assert "1 of 3 events were not scored" in done.stderr
    answers = sorted(map(json.loads, done.stdout.splitlines()), key=lambda answer: answer["timestamp"])
    assert [answer.get("prediction") for answer in answers] == [1, 0, None]
    assert [answer.get("error") for answer in answers] == [None, None, "UnknownModel"]
    assert {answer["sensor"] for answer in answers} == {"waiting"}
