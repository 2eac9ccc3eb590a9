"""`nrti predict`: one event, its answer, and what is said when there is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.producer.client import Answer
from nrti_cli.producer.predict import predict, read_values
from tests.local.conftest import Nrti
from tests.local.sink import Sink, refuse
from tests.local.test_producer_wait import PARKED, WRONG, YES, answering

EVENT = {"sensor": "a", "model": "m", "data": [1, 2, 3]}


def _ask(sink: Sink, said: list[Answer] | None = None) -> dict[str, Any]:
    return dict(predict(sink.url, "key", EVENT, (said if said is not None else []).append).outcome)


def test_an_event_is_judged_and_its_answer_shown(nrti: Nrti, model: str, sensor: str) -> None:
    shown = nrti("predict", "--model", model, "--sensor", sensor, "10,80,12")
    record = nrti("predict", "--model", model, "--sensor", sensor, "--format", "json", "--", "-1.5", "2", "3")

    assert shown.returncode == 0, shown.stderr
    assert "prediction   1, failure" in shown.stdout
    assert f"of sensor {sensor}" in shown.stdout
    reply = json.loads(record.stdout)
    assert (reply["sensor"], reply["model"], reply["prediction"]) == (sensor, model, 0)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("1,2",), "2 numbers, but the model failure-v1 takes 3"),
        (("--model", "nope", "1,2,3"), "model 'nope' does not exist, published are: "),
    ],
)
def test_what_no_model_can_judge_is_not_sent(
    nrti: Nrti, model: str, arguments: tuple[str, ...], reason: str
) -> None:
    done = nrti("predict", *([] if "--model" in arguments else ["--model", model]), *arguments)

    assert done.returncode == 1
    assert reason in done.stderr


def test_values_come_from_stdin(nrti: Nrti, model: str) -> None:
    done = nrti("predict", "--model", model, "--format", "json", "-", input="10, 80\n12\n")

    assert json.loads(done.stdout)["prediction"] == 1


@pytest.mark.parametrize("texts", [["12,80,9"], ["12", "80", "9"], ["[12, 80, 9]"], ["12 80\n", "9"]])
def test_a_sequence_is_written_in_many_ways(texts: list[str]) -> None:
    assert read_values(texts) == [12, 80, 9]


@pytest.mark.parametrize("texts", [[], [","], ["1,x"], ["nan"], ["--modle", "m"]])
def test_what_is_no_sequence_is_a_wrong_command_line(texts: list[str]) -> None:
    with pytest.raises(UsageError, match="12,80,9"):
        read_values(texts)


@pytest.mark.parametrize(
    ("status", "body", "reason", "advice"),
    [
        (422, WRONG, "InvalidData: too short", "correct it"),
        (503, PARKED, "FunctionFailed: parked", "nrti redrive --dry-run shows why"),
        (400, {"message": "no event"}, "400 no event", "correct the event"),
        (403, {"message": "Forbidden"}, "403 Forbidden", "nrti bootstrap"),
        (413, {"message": "long"}, "413 long", "fewer numbers"),
        (200, {"neither": "nor"}, "200", "nrti status"),
    ],
)
def test_an_answer_without_a_prediction_says_why_and_what_to_do(
    sink: Sink, status: int, body: dict[str, Any], reason: str, advice: str
) -> None:
    sink.otherwise = answering(status, body)

    with pytest.raises(NrtiError, match=reason) as failed:
        _ask(sink)

    assert advice in failed.value.hint
    assert len(sink.requests) == 1


def test_what_the_api_has_not_taken_is_sent_again_as_the_same_event(sink: Sink) -> None:
    sink.behaviours = [refuse(503, "later"), answering(200, YES)]
    said: list[Answer] = []

    assert _ask(sink, said)["prediction"] == 1

    assert [answer.status for answer in said] == [503]
    assert sink.events[0] == sink.events[1]
    assert sink.events[0]["event_id"]


def test_an_event_that_the_api_would_refuse_is_not_sent(sink: Sink) -> None:
    with pytest.raises(UsageError, match=r"event\.sensor"):
        predict(sink.url, "key", {**EVENT, "sensor": ""}, print)

    assert not sink.requests
