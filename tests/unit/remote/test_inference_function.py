from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_cli.remote.inference_function.endpoints import EndpointBusy
from nrti_cli.remote.inference_function.former import Former
from nrti_cli.remote.inference_function.handler import give_back, handler, judge
from nrti_cli.remote.inference_function.records import end_of_batch, event_of
from nrti_cli.remote.inference_function.shadows import Shadows
from tests.unit.remote.conftest import Runtime

YES = {"prediction": 1, "probability": 0.75}
NO = {"prediction": 0, "probability": 0.25}
#: After the version of the models was published.
RECEIVED = 1_800_000_000_123


def no_client() -> Any:
    raise AssertionError("an event of today was looked up")


FORMER = Former(no_client, "t")


class NoShadows(Shadows):
    """A stack without shadows, which is not looked up."""

    def of(self, model: str) -> str:  # noqa: ARG002 (as the base class)
        return ""


NO_SHADOWS = NoShadows(no_client, "artifacts")


def event(sensor: str, model: str, *data: float) -> dict[str, Any]:
    return {"sensor": sensor, "model": model, "data": list(data), "timestamp": RECEIVED, "event_id": sensor}


def payload(events: Any, *, position: int = 0, lenient: bool = False) -> dict[str, Any]:
    return {
        "request_id": "r",
        "received_at": RECEIVED,
        "events": events,
        "position": position,
        "lenient": lenient,
    }


def stored(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [event_of(put["PutRequest"]["Item"]) for put in answer["pending"]["RequestItems"]["t"]]


def dead(answer: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    return [(letter["body"]["error"], letter["body"]["events"]) for letter in answer["rejected"]]


def test_a_single_event_is_a_batch_of_one(runtime: Runtime) -> None:
    runtime.answer("m", [[1, 2]], [YES])

    answer = judge(payload({"sensor": "s", "model": "m", "data": [1, 2]}), runtime.models, FORMER, NO_SHADOWS)

    (put,) = answer["pending"]["RequestItems"]["t"]
    assert put["PutRequest"]["Item"]["event_key"] == {"S": "2027-01-15T08:00:00.123Z#r-0#m"}
    assert put["PutRequest"]["Item"]["prediction"] == {"N": "1"}
    assert answer | {"pending": None, "predictions": ""} == {
        "pending": None,
        "predictions": "",
        "has_items": True,
        "rejected": [],
        "has_rejected": False,
        "next": None,
    }


def test_each_event_is_judged_by_itself(runtime: Runtime) -> None:
    good, short = event("a", "m", 1, 2), event("b", "m", 1)
    bad = {"sensor": "d"}
    runtime.answer("m", [[1, 2], [1]], [YES, {"error": "the model takes 2 numbers, not 1"}])

    answer = judge(payload([good, short, bad, 7]), runtime.models, FORMER, NO_SHADOWS)

    assert stored(answer) == [good]
    assert dead(answer) == [("InvalidData", [short]), ("InvalidEvent", [bad]), ("InvalidEvent", [7])]


def test_each_model_is_asked_once(runtime: Runtime) -> None:
    runtime.answer("m", [[1], [3]], [YES, NO])

    answer = judge(
        payload([event("a", "m", 1), {"x": 1}, event("c", "m", 3)]), runtime.models, FORMER, NO_SHADOWS
    )

    assert [each["sensor"] for each in stored(answer)] == ["a", "c"]


def test_an_unknown_model_does_not_keep_the_others_from_being_stored(runtime: Runtime) -> None:
    runtime.unknown("x", [[1]])

    answer = judge(payload([event("a", "x", 1)]), runtime.models, FORMER, NO_SHADOWS)

    assert not answer["has_items"]
    assert dead(answer) == [("UnknownModel", [event("a", "x", 1)])]


def test_a_busy_endpoint_fails_the_call_and_lenient_only_its_events(runtime: Runtime) -> None:
    events = [event("a", "m", 1)]
    runtime.fail("m", [[1]], "ModelNotReadyException", 429)
    runtime.fail("m", [[1]], "ModelNotReadyException", 429)

    with pytest.raises(EndpointBusy):
        judge(payload(events), runtime.models, FORMER, NO_SHADOWS)
    assert dead(judge(payload(events, lenient=True), runtime.models, FORMER, NO_SHADOWS)) == [
        ("EndpointBusy", events)
    ]


def test_long_batches_go_piece_by_piece(runtime: Runtime) -> None:
    rows = [[i + 0.123456789] * 512 for i in range(25)]
    events = [event(f"s{i}", "m", *row) for i, row in enumerate(rows)]
    answers, position = [], 0
    while position is not None:
        piece = rows[position : end_of_batch(events, position)]
        runtime.answer("m", piece, [YES] * len(piece))
        answers.append(judge(payload(events, position=position), runtime.models, FORMER, NO_SHADOWS))
        position = answers[-1]["next"]

    assert len(answers) > 1
    assert [each for answer in answers for each in stored(answer)] == events
    reply = json.loads("".join(answer["predictions"] for answer in answers))
    assert [each["event_id"] for each in reply] == [each["event_id"] for each in events]


def test_what_could_not_be_stored_joins_what_was_rejected(runtime: Runtime) -> None:
    lost, short = event("a", "m", 1, 2.5), event("b", "m", 1)
    runtime.answer("m", [[1, 2.5], [1]], [YES, {"error": "too short"}])
    answer = judge(payload([lost, short]), runtime.models, FORMER, NO_SHADOWS)

    back = give_back(
        {
            "request_id": "r",
            "received_at": RECEIVED,
            "unstored": answer["pending"]["RequestItems"],
            "rejected": answer["rejected"],
            "predictions": answer["predictions"],
            "failure": {"Error": "DynamoDb.DynamoDbException", "Cause": "no such table"},
            "next": 7,
        },
        "t",
    )

    assert dead(back) == [("InvalidData", [short]), ("DynamoDb.DynamoDbException", [lost])]
    assert (back["has_items"], back["has_rejected"], back["next"]) == (False, True, 7)
    assert [each["error"] for each in json.loads(back["predictions"])] == [
        "DynamoDb.DynamoDbException",
        "InvalidData",
    ]


def test_an_invocation_leaves_one_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TABLE", "t")
    monkeypatch.setenv("STACK", "nrti")
    monkeypatch.setenv("ARTIFACTS", "artifacts")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    answer = handler(payload([{"sensor": "s"}]), None)

    assert dead(answer) == [("InvalidEvent", [{"sensor": "s"}])]
    line = json.loads(capsys.readouterr().out)
    assert (line["request_id"], line["items"], line["rejected"]) == ("r", 0, ["InvalidEvent"])


def test_the_log_names_models_that_failed_and_no_event_that_was_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TABLE", "t")
    attributes = {"model": {"DataType": "String", "StringValue": "m"}}
    letters = [
        {"body": {"error": "InvalidData"}, "attributes": {"model": {"StringValue": "n"}}},
        {"body": {"error": "BadAnswer"}, "attributes": attributes},
    ]
    failure = {"Error": "States.Timeout", "Cause": "late"}

    handler(
        {
            "request_id": "r", "received_at": 1, "unstored": {}, "failure": failure, "rejected": letters,
            "predictions": "", "next": None,
        },
        None,
    )  # fmt: skip

    assert json.loads(capsys.readouterr().out)["failing_models"] == {"m": "BadAnswer"}
