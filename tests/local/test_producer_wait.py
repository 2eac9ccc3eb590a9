"""The producer that waits for predictions, against a server that answers as the API may."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from nrti_cli.errors import NrtiError
from nrti_cli.producer.run import SendRate
from nrti_cli.producer.session import SendPlan, produce
from nrti_cli.producer.sources import Defaults, random_events
from tests.local.sink import Behaviour, Sink, refuse

YES: dict[str, Any] = {"prediction": 1, "probability": 0.75}
NO: dict[str, Any] = {"prediction": 0, "probability": 0.25}
WRONG = {"error": "InvalidData", "message": "too short", "status": 422, "dead_lettered": True}
PARKED: dict[str, Any] = {
    "error": "FunctionFailed",
    "message": "parked",
    "status": 503,
    "dead_lettered": True,
}


@pytest.fixture
def plan(tmp_path: Path) -> SendPlan:
    events = random_events(Defaults(model="m", length=3, sensors=("a",), seed=1))
    return SendPlan(
        events=events, send_rate=SendRate(200, "steady", None), unsent=tmp_path / "unsent.jsonl", wait=True
    )


def answering(status: int, body: Any) -> Behaviour:
    async def behave(_: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    return behave


def test_predictions_are_counted(sink: Sink, plan: SendPlan) -> None:
    sink.behaviours = [answering(200, YES), answering(200, NO)]

    statistics = produce(sink.url, "key", replace(plan, count=2))

    assert (statistics.accepted, statistics.failures, statistics.in_flight) == (2, 1, 0)


def test_what_is_in_the_dead_letters_is_neither_sent_again_nor_kept(sink: Sink, plan: SendPlan) -> None:
    sink.behaviours = [answering(200, [YES, WRONG, NO]), answering(503, PARKED), answering(422, [WRONG] * 3)]

    with pytest.raises(NrtiError, match="7 of 9 events were not scored: they are dead letters, which"):
        produce(sink.url, "key", replace(plan, count=9, batch=3))

    assert len(sink.requests) == 3
    assert plan.unsent
    assert not plan.unsent.exists()


@pytest.mark.parametrize("status", [429, 503, 504])
def test_what_the_api_has_not_taken_is_sent_again_under_the_same_id(
    sink: Sink, plan: SendPlan, status: int
) -> None:
    sink.behaviours = [refuse(status, "later"), answering(200, YES)]

    statistics = produce(sink.url, "key", replace(plan, count=1))

    assert (statistics.accepted, statistics.retried) == (1, 1)
    assert sink.events[0] == sink.events[1]


@pytest.mark.parametrize("body", ["no object", 7, [], {"message": "Invalid request body"}, [YES, None]])
def test_a_refusal_without_outcomes_keeps_the_events(sink: Sink, plan: SendPlan, body: Any) -> None:
    sink.otherwise = answering(400, body)

    with pytest.raises(NrtiError, match="2 of 2 events were not accepted: send them again"):
        produce(sink.url, "key", replace(plan, count=2, batch=2))

    assert plan.unsent
    assert len([json.loads(line) for line in plan.unsent.read_text().splitlines()]) == 2


def test_each_answer_is_a_line_of_stdout(
    sink: Sink, plan: SendPlan, capsys: pytest.CaptureFixture[str]
) -> None:
    sink.behaviours = [answering(200, [YES, NO]), answering(503, PARKED)]

    with pytest.raises(NrtiError, match="2 of 4 events were not scored"):
        produce(sink.url, "key", replace(plan, count=4, batch=2))

    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    by_id = {answer["event_id"]: answer for answer in answers}
    sent = [
        {name: each[name] for name in ("event_id", "sensor", "model", "timestamp")} for each in sink.events
    ]
    assert [by_id[each["event_id"]] for each in sent] == [
        {**each, **outcome} for each, outcome in zip(sent, [YES, NO, PARKED, PARKED], strict=True)
    ]


class Gone(io.StringIO):
    """A stdout whose reader has gone."""

    def write(self, _: str) -> int:
        raise BrokenPipeError


def test_a_reader_that_has_gone_ends_the_run_and_what_was_sent_is_counted(
    sink: Sink, plan: SendPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.otherwise = answering(200, YES)
    ledger = tmp_path / "ledger.jsonl"

    monkeypatch.setattr(sys, "stdout", Gone())

    with pytest.raises(BrokenPipeError):
        produce(sink.url, "key", replace(plan, count=500, ledger=ledger))

    accepted = {json.loads(line)["event_id"] for line in ledger.read_text().splitlines()}
    assert 0 < len(sink.events) < 500
    assert {event["event_id"] for event in sink.events} == accepted
