"""The template that answers POST /predictions, rendered for each end that an execution may have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_cli.assets import asset
from nrti_cli.remote.inference_function.endpoints import Answer, Rejection
from nrti_cli.remote.inference_function.outcomes import outcome, text
from nrti_cli.stack.template import parse
from nrti_local.apigateway.vtl import render
from tests.unit.remote.conftest import judged
from tests.unit.workflow import DEFINITION

_METHOD = parse(asset("cloudformation/pipeline.yaml").read_text())["Resources"]["PostPredictions"][
    "Properties"
]
_TEMPLATE = _METHOD["Integration"]["IntegrationResponses"][0]["ResponseTemplates"]["application/json"]
EVENT = {"sensor": '"prediction":', "model": "m", "timestamp": 5, "event_id": '"status":503'}
YES = judged("m", 1, 0.75)
WRONG, BUSY, DOWN = (Rejection(f"E{status}", "as arranged", status) for status in (422, 429, 503))


def answer(execution: dict[str, Any]) -> tuple[int, Any]:
    """Status and body for what StartSyncExecution answers."""
    context: dict[str, Any] = {"extendedRequestId": "r=", "responseOverride": {}}
    body = render(_TEMPLATE, json.dumps(execution), {}, context)
    return int(context["responseOverride"].get("status", 200)), json.loads(body)


def succeeded(body: str) -> dict[str, Any]:
    return {"status": "SUCCEEDED", "output": json.dumps({"body": body})}


@pytest.mark.parametrize(
    ("came", "status"),
    [
        ([YES], 200),
        ([YES, YES], 200),
        ([WRONG, YES, DOWN], 200),
        ([WRONG], 422),
        ([WRONG, WRONG], 422),
        ([BUSY], 429),
        ([WRONG, BUSY], 429),
        ([BUSY, DOWN, WRONG], 503),
    ],
)
@pytest.mark.parametrize("array", [True, False])
def test_the_status_is_that_of_what_became_of_the_events(
    came: list[Answer], status: int, array: bool
) -> None:
    outcomes = [outcome(EVENT, each, 1, 2) for each in came]
    if not array:
        outcomes = outcomes[:1]
        status = 200 if came[0] == YES else outcomes[0]["status"]

    reply = answer(succeeded(text(outcomes, array=array, first=True, last=True)))

    assert reply == (status, outcomes if array else outcomes[0])


def test_a_request_that_was_parked_as_a_whole_says_so() -> None:
    status, reply = answer(succeeded(DEFINITION["States"]["AnswerParked"]["Result"]["body"]))

    assert (status, reply["dead_lettered"]) == (503, True)


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT"])
def test_a_request_that_is_nowhere_is_to_be_sent_again(status: str) -> None:
    code, reply = answer({"status": status, "error": "SQS.AmazonSQSException", "cause": "no such queue"})

    assert code == 503
    assert "send it again later" in reply["message"]
    assert "dead_lettered" not in reply
