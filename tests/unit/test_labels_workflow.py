"""The workflow of labels: what it sends to the function, to the queue and to S3."""

from __future__ import annotations

from typing import Any

import pytest

from nrti_local.stepfunctions.asl.errors import StateError
from tests.unit import workflow
from tests.unit.scenarios.labels import RECORDED, REJECTED, REQUEST
from tests.unit.scenarios.scenario import LETTER
from tests.unit.workflow import Services, failure, scripted


def run(services: Services) -> Any:
    return workflow.run(services, REQUEST, "labels")


def test_the_function_gets_the_request_and_nothing_else_happens() -> None:
    services = Services(lambda _: RECORDED)

    assert run(services) == {"answer": {"batch": RECORDED}}
    assert [request["Payload"] for request in services.of("invoke")] == [REQUEST]
    assert not services.of("sendMessage")


def test_what_the_function_rejects_is_parked() -> None:
    services = Services(lambda _: REJECTED)

    run(services)

    sent = {
        "QueueUrl": "DeadLetterQueueUrl",
        "MessageBody": LETTER["body"],
        "MessageAttributes": LETTER["attributes"],
    }
    assert services.of("sendMessage") == [sent, sent]


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
