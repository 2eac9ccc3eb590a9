"""The templates of the API's answers, for each end of an execution, and for each refusal to start one."""

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

_RESOURCES = parse(asset("cloudformation/pipeline.yaml").read_text())["Resources"]


def _template(method: str, status: str) -> str:
    responses = _RESOURCES[method]["Properties"]["Integration"]["IntegrationResponses"]
    (found,) = [each for each in responses if each["StatusCode"] == status]
    return str(found["ResponseTemplates"]["application/json"])


EVENT = {"sensor": '"prediction":', "model": "m", "timestamp": 5, "event_id": '"status":503'}
YES = judged("m", 1, 0.75)
WRONG, BUSY, DOWN = (Rejection(f"E{status}", "as arranged", status) for status in (422, 429, 503))


def answer(answered: dict[str, Any], method: str = "PostPredictions", status: int = 200) -> tuple[int, Any]:
    """Status and body for what Step Functions answered with a status."""
    context: dict[str, Any] = {"extendedRequestId": "r=", "responseOverride": {}}
    body = render(_template(method, str(status)), json.dumps(answered), {}, context)
    return int(context["responseOverride"].get("status", status)), json.loads(body)


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


def test_a_request_that_was_kept_is_not_to_be_sent_again() -> None:
    kept = DEFINITION["States"]["RequestKept"]

    status, reply = answer({"status": "FAILED", "error": kept["Error"], "cause": kept["Cause"]})

    assert (status, reply["dead_lettered"]) == (503, True)
    assert reply.keys() == answer(succeeded(DEFINITION["States"]["AnswerParked"]["Result"]["body"]))[1].keys()


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT"])
def test_a_request_that_is_nowhere_is_to_be_sent_again(status: str) -> None:
    code, reply = answer({"status": status, "error": "SQS.AmazonSQSException", "cause": "no such queue"})

    assert code == 503
    assert "send it again later" in reply["message"]
    assert "dead_lettered" not in reply


@pytest.mark.parametrize("method", ["PostEvents", "PostPredictions", "PostLabels"])
@pytest.mark.parametrize(
    ("refusal", "status", "words"),
    [
        ({"__type": "ThrottlingException"}, 429, "Too many requests"),
        ({"__type": "com.amazonaws#ExecutionLimitExceeded", "message": "x"}, 429, "Too many requests"),
        ({"__type": "ValidationException", "message": "not above 262144"}, 400, "larger than"),
        ({"__type": "ValidationException", "message": 'no "name"'}, 400, 'no "name"'),
        ({"__type": "InvalidExecutionInput"}, 400, ""),
        ({"__type": "AccessDeniedException", "message": "no"}, 503, "send it again later"),
        # What to make of an absent reference differs between Velocity and API Gateway; this must not.
        ({"message": "no"}, 503, "send it again later"),
        ({}, 503, "send it again later"),
    ],
)
def test_a_refusal_to_start_has_the_status_of_its_reason(
    method: str, refusal: dict[str, Any], status: int, words: str
) -> None:
    code, reply = answer(refusal, method, 400)

    assert code == status
    assert words in reply["message"]
