from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_cli.remote.inference_function.endpoints import Rejection
from nrti_cli.remote.inference_function.outcomes import outcome, revised, text
from tests.unit.remote.conftest import VERSION, judged

EVENT: dict[str, Any] = {"sensor": "s", "model": "m", "data": [1, 2.5], "timestamp": 5, "event_id": "e"}
KNOWN = {"event_id": "e", "sensor": "s", "model": "m", "timestamp": 5}
YES = judged("m", 1, 0.75)


def test_a_judged_event_gets_its_prediction() -> None:
    assert outcome(EVENT, YES, 7, 9) == {
        **KNOWN,
        "prediction": 1,
        "probability": 0.75,
        "endpoint": "nrti-m",
        "version": VERSION,
        "received_at": 7,
        "predicted_at": 9,
    }


@pytest.mark.parametrize(
    ("rejection", "message"),
    [
        (
            Rejection("InvalidData", "the model takes 3 numbers, not 2", 422),
            "the model takes 3 numbers, not 2",
        ),
        (Rejection("InvalidData", "x" * 500, 422), "x" * 200),
        (
            Rejection("EndpointBusy", "endpoint nrti-m: as arranged", 429),
            "The model takes no more requests at present.",
        ),
        (Rejection("AccessDenied", "role arn:aws:iam…", 503), "The event could not be judged or stored."),
    ],
)
def test_a_rejected_event_gets_a_reason_that_its_sender_can_use(rejection: Rejection, message: str) -> None:
    assert outcome(EVENT, rejection, 7, 9) == {
        **KNOWN,
        "error": rejection.error,
        "message": message,
        "status": rejection.status,
        "dead_lettered": True,
    }


@pytest.mark.parametrize("event", [7, None, {"sensor": {}}, []])
def test_of_what_is_no_event_nothing_is_repeated(event: object) -> None:
    reply = outcome(event, Rejection("InvalidEvent", "sensor has to be a text", 422), 7, 9)

    assert set(reply) == {"error", "message", "status", "dead_lettered"}


def test_a_single_event_is_answered_by_an_object() -> None:
    assert text([{"a": "é"}], array=False, first=True, last=True) == '{"a":"é"}'


def test_the_pieces_of_an_array_make_an_array() -> None:
    first = text([{"a": 1}, {"a": 2}], array=True, first=True, last=False)
    middle = text([{"a": 3}], array=True, first=False, last=False)
    last = text([{"a": 4}], array=True, first=False, last=True)

    assert json.loads(first + middle + last) == [{"a": number} for number in (1, 2, 3, 4)]


@pytest.mark.parametrize("name", ['"prediction":', '"status":503', '\\"prediction":', "],[", "{}"])
def test_no_event_can_fake_what_the_api_looks_for(name: str) -> None:
    named = {**EVENT, "sensor": name, "event_id": name}
    reply = text(
        [outcome(named, Rejection("InvalidData", name, 422), 7, 9)], array=True, first=True, last=True
    )

    assert '"prediction":' not in reply
    assert '"status":503' not in reply
    assert json.loads(reply)[0]["sensor"] == name


@pytest.mark.parametrize("array", [True, False])
def test_what_could_not_be_stored_is_answered_so(array: bool) -> None:
    events = [EVENT, {**EVENT, "event_id": "[],"}][: 2 if array else 1]
    piece = text([outcome(each, YES, 7, 9) for each in events], array=array, first=array, last=False)

    reply = revised(piece, events[-1:], Rejection("Unprocessed", "round after round"))

    kept = [outcome(each, YES, 7, 9) for each in events[:-1]]
    lost = outcome(events[-1], Rejection("Unprocessed", ""), 7, 9)
    assert reply == text([*kept, lost], array=array, first=array, last=False)


def test_an_execution_of_an_earlier_version_gets_no_answer() -> None:
    assert revised("", [EVENT], Rejection("Unprocessed", "round after round")) == ""
