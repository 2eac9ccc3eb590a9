"""The workflow of labels: what it records and parks, and how it retries, on a fake clock."""

from __future__ import annotations

from typing import Any

import pytest

from nrti_local.stepfunctions.asl.context import Environment
from nrti_local.stepfunctions.asl.errors import StateError
from nrti_local.stepfunctions.asl.machine import Machine
from tests import virtual_time
from tests.unit.workflow import Services, context, definition, failure, scripted

DEFINITION = definition("labels")
LABEL = {"event_id": "e", "label": 1}
REQUEST = {"request_id": "q", "received_at": 7, "labels": [LABEL]}
LETTER = {"body": {"error": "InvalidLabel", "labels": [LABEL]}, "attributes": {"error": "…"}}
RECORDED = {"recorded": 1, "rejected": [], "has_rejected": False}
REJECTED = {"recorded": 0, "rejected": [LETTER], "has_rejected": True}


def run(services: Services, **more: Any) -> Any:
    given = {**REQUEST, **more}
    run = Machine(DEFINITION).run(given, context(given), Environment(services.invoke))
    return virtual_time.run(run)


def test_the_function_gets_the_request_and_nothing_else_happens() -> None:
    services = Services(lambda _: RECORDED)

    assert run(services) == {"answer": {"batch": RECORDED}}
    assert [request["Payload"] for request in services.of("invoke")] == [REQUEST]
    assert not services.of("sendMessage")


def test_what_the_function_rejects_is_parked() -> None:
    services = Services(lambda _: REJECTED)

    run(services)

    assert services.of("sendMessage") == [
        {
            "QueueUrl": "DeadLetterQueueUrl",
            "MessageBody": LETTER["body"],
            "MessageAttributes": LETTER["attributes"],
        }
    ]


def test_a_redriven_label_that_is_still_wrong_stays_in_the_queue() -> None:
    services = Services(lambda _: REJECTED)

    assert run(services, redrive=True) == {"answer": {"batch": REJECTED}}
    assert not services.of("sendMessage")


@pytest.mark.parametrize("error", ["ServiceUnavailableException", "Lambda.TooManyRequestsException"])
def test_a_failure_is_retried(error: str) -> None:
    fails = [{"error": error, "cause": "later"}] * 3
    services = Services(scripted([*fails, {"result": RECORDED}]))

    assert run(services) == {"answer": {"batch": RECORDED}}
    assert len(services.of("invoke")) == 4


@pytest.mark.parametrize("error", ["ServiceUnavailableException", "States.DataLimitExceeded"])
def test_a_request_that_cannot_be_recorded_is_parked_whole(error: str) -> None:
    services = Services(scripted([{"error": error, "cause": "because"}]))

    run(services)

    (message,) = services.of("sendMessage")
    assert message["MessageBody"] == {
        "error": "FunctionFailed",
        "cause": "The log of the labels function has the cause.",
        **REQUEST,
    }


def test_a_redriven_request_that_fails_again_says_why_and_is_not_parked_twice() -> None:
    services = Services(scripted([{"error": "Boom", "cause": "because"}]))

    assert run(services, redrive=True)["failure"] == {"Error": "Boom", "Cause": "because"}
    assert not services.of("sendMessage")


def _refuse(_: dict[str, Any]) -> Any:
    raise failure("SQS.AmazonSQSException")


@pytest.mark.parametrize("answer", [{"result": REJECTED}, {"error": "Boom", "cause": "because"}])
def test_what_the_queue_refuses_is_kept(answer: dict[str, Any]) -> None:
    services = Services(scripted([answer]), send=_refuse)

    with pytest.raises(StateError, match="RequestKept"):
        run(services)

    (kept,) = services.of("putObject")
    assert kept["Bucket"] == "b"
    assert kept["Key"] == "unparked/2026-11-28T00:00:00.000Z-n.json"
    assert kept["Body"].items() >= REQUEST.items()
    assert kept["Body"].keys() - REQUEST == {"error", "cause"}


def test_without_a_queue_and_a_bucket_the_execution_names_the_request() -> None:
    services = Services(lambda _: REJECTED, send=_refuse, put=_refuse)

    with pytest.raises(StateError, match="labels of request q"):
        run(services)
