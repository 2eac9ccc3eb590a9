"""Redriving where AWS throttles, refuses, forgets and fails; the happy paths run on the embedded AWS."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY

from nrti_cli.aws.dynamodb.items import PredictionItems
from nrti_cli.aws.sqs import Message, Queue
from nrti_cli.aws.stepfunctions import Workflow
from nrti_cli.aws.target import Target
from nrti_cli.deadletters.attempt import Attempt, Failure
from nrti_cli.deadletters.drop import Archive, drop
from nrti_cli.deadletters.letter import Letter, key
from nrti_cli.deadletters.redrive import RateLimit, redrive
from nrti_cli.deadletters.report import Report
from nrti_cli.deadletters.sweep import Sweep
from nrti_cli.errors import NrtiError
from nrti_cli.remote.inference_function.records import item
from tests.unit.conftest import Stub
from tests.unit.deadletters.letters import (
    LONG_AGO,
    deleted,
    event,
    interrupted_during,
    letter,
    released,
    swept,
)
from tests.unit.remote.conftest import judged

ARN = "arn:aws:states:eu-central-2:000000000000:stateMachine:nrti-inference"
LABELS_ARN = "arn:aws:states:eu-central-2:000000000000:stateMachine:nrti-labels"


def executed(stub: Stub, given: list[Any], **answer: Any) -> None:
    stub("stepfunctions").add_response(
        "start_sync_execution",
        {"executionArn": ARN, "startDate": 0, "stopDate": 0, "status": "SUCCEEDED", "output": "{}"} | answer,
        {
            "stateMachineArn": ARN,
            "input": json.dumps(
                {"request_id": "redrive", "received_at": 0, "events": given, "redrive": True}
            ),
        },
    )


def stored(stub: Stub, *events: dict[str, Any], unread: list[dict[str, Any]] | None = None) -> None:
    items = [{"sensor": {"S": each["sensor"]}, "event_key": {"S": key(each)[1]}} for each in events]  # type: ignore[index]
    answer: dict[str, Any] = {"Responses": {"t": items}}
    if unread:
        answer["UnprocessedKeys"] = {"t": {"Keys": [{"sensor": {"S": "s"}, "event_key": {"S": "k"}}]}}
    stub("dynamodb").add_response("batch_get_item", answer, {"RequestItems": ANY})


@pytest.fixture
def attempt(target: Target, wait_delays: list[float]) -> Attempt:
    items = PredictionItems(target, "t", wait_delays.append)
    return Attempt(Workflow(target, ARN), items, Workflow(target, LABELS_ARN))


def test_what_is_in_the_table_counts_and_not_what_the_workflow_says(attempt: Attempt, stub: Stub) -> None:
    one, two, three = event("1"), event("2"), event("3")
    rejected = [{"body": {"error": "ModelError", "cause": "no", "events": [two, three]}}]
    output = {"answer": {"batch": {"rejected": rejected}}}
    executed(stub, [one, two, three], output=json.dumps(output))
    stored(stub, two)

    (outcome,) = attempt([letter(one, two, three)])

    assert outcome[1] is None
    assert outcome[2] == Failure("ModelError", "no", judged=True)
    assert outcome[0]
    assert (outcome[0].error, outcome[0].judged) == ("NotStored", False)


def test_keys_that_dynamodb_leaves_unread_are_asked_for_again(
    attempt: Attempt, stub: Stub, wait_delays: list[float]
) -> None:
    executed(stub, [event()])
    stored(stub, unread=[event()])
    stored(stub, event())

    assert attempt([letter(event())]) == [[None]]
    assert wait_delays == [0.1]


def test_a_table_that_reads_nothing_is_not_asked_for_ever(
    target: Target, stub: Stub, wait_delays: list[float]
) -> None:
    for _ in range(8):
        stored(stub, unread=[event()])

    with pytest.raises(NrtiError, match="too busy"):
        PredictionItems(target, "t", wait_delays.append).present([("s", "k")])
    assert len(wait_delays) == 8


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"status": "TIMED_OUT"}, ("TIMED_OUT", "the workflow succeeded, but the event is not in the table")),
        ({"status": "FAILED", "error": "States.Runtime", "cause": "x"}, ("States.Runtime", "x")),
        ({"output": '{"failure": {"Error": "Lambda.Unknown", "Cause": "y"}}'}, ("Lambda.Unknown", "y")),
    ],
)
def test_a_workflow_that_fails_says_why_without_a_verdict(
    attempt: Attempt, stub: Stub, answer: dict[str, Any], reason: tuple[str, str]
) -> None:
    executed(stub, [event()], **answer)
    stored(stub)

    assert attempt([letter(event())]) == [[Failure(*reason, judged=False)]]


def test_an_input_that_step_functions_refuses_is_halved_until_the_culprit_is_alone(
    attempt: Attempt, stub: Stub
) -> None:
    good, bad = event("1"), event("2", data=[float("inf")])
    stub("stepfunctions").add_client_error("start_sync_execution", "InvalidExecutionInput", "no JSON")
    executed(stub, [good])
    stored(stub, good)
    stub("stepfunctions").add_client_error("start_sync_execution", "InvalidExecutionInput", "no JSON")
    stored(stub)

    outcomes = attempt([letter(good), letter(bad)])

    assert outcomes == [[None], [Failure("InvalidExecutionInput", "no JSON", judged=False)]]


def _no_wait(executions: int) -> None:
    pytest.fail(f"waits for {executions}")


def test_throttling_in_the_midst_leaves_every_letter_where_it_is(
    target: Target, stub: Stub, attempt: Attempt
) -> None:
    swept(stub, letter(event()))
    stub("stepfunctions").add_client_error("start_sync_execution", "ThrottlingException", "slow down")
    released(stub, "handle-1")
    sweep, report = Sweep(Queue(target, "u")), Report()

    with pytest.raises(ClientError, match="slow down"):
        redrive(sweep, sweep.letters(), attempt, RateLimit(), report, lambda: None, _no_wait)
    sweep.end()

    assert not report.lines()


def test_an_interrupt_reports_the_executions_that_it_waits_for(target: Target) -> None:
    begun, may_end, report = Event(), Event(), Report()
    waited: list[int] = []

    def attempt(letters: Sequence[Letter]) -> list[list[Failure]]:
        begun.set()
        assert may_end.wait(30)
        return [[Failure("UnknownModel", "no", judged=True)] * len(each.events) for each in letters]

    def letters() -> Iterator[Letter]:
        for _ in range(2):
            yield letter(*[event()] * 25)
        assert begun.wait(30)
        raise KeyboardInterrupt

    def wait(executions: int) -> None:
        assert report.tries == 0
        waited.append(executions)
        may_end.set()

    sweep, slow = Sweep(Queue(target, "u")), cast("Attempt", attempt)
    with pytest.raises(KeyboardInterrupt):
        redrive(sweep, letters(), slow, RateLimit(), report, lambda: None, wait)

    assert (waited, report.tries) == ([1], 1)


@pytest.mark.parametrize("body", ["", "[]", "7", "{}", '{"error": 1, "received_at": null}', "[" * 100_000])
def test_any_message_can_be_read(body: str) -> None:
    found = Letter.read(Message("1", "h", body, LONG_AGO, {}))

    assert (found.error, found.events) == ("Unreadable", ())


@pytest.mark.parametrize(
    "broken",
    [
        7,
        {},
        event(sensor=["s"]),
        event(sensor=""),
        event(sensor="x" * 513),
        event(event_id=None),
        event(timestamp="now"),
        event(timestamp=1e300),
        event(timestamp=float("nan")),
    ],
)
def test_what_cannot_be_stored_has_no_key(broken: Any) -> None:
    assert key(broken) is None


@pytest.mark.parametrize("milliseconds", [0, 1, 1_790_000_000_123, 253_402_300_799_999])
def test_keys_are_those_of_the_inference_function(milliseconds: int) -> None:
    record = event(timestamp=milliseconds)

    assert key(record) == ("s", item(record, judged("m", 1, 0.5), 0, 0)["event_key"]["S"])


def test_events_go_at_the_rate_that_was_asked_for(wait_delays: list[float]) -> None:
    loads = [[letter(event(), event())], [letter(event())], [letter(event())]]

    assert list(RateLimit(10, wait_delays.append, clock=lambda: 0.0).of(loads)) == loads
    assert wait_delays == pytest.approx([0.2, 0.3])
    assert list(RateLimit().of(loads)) == loads


@contextmanager
def no_room() -> Iterator[None]:
    """No file grows meanwhile, the report of the tests included; Python does not let it end the process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_the_disk_does_not_take_is_not_dropped(target: Target, stub: Stub, tmp_path: Path) -> None:
    swept(stub, letter(event()))
    sweep, report = Sweep(Queue(target, "u")), Report()

    with closing(Archive(tmp_path / "letters")) as archive, pytest.raises(NrtiError) as raised, no_room():
        drop(sweep, sweep.letters(), archive, report, lambda: None)

    assert str(raised.value).startswith(f"{tmp_path / 'letters'} cannot be written (File too large)")
    assert not report.letters


def test_an_interrupted_drop_counts_what_it_has_written(target: Target, stub: Stub, tmp_path: Path) -> None:
    swept(stub, letter(event()))
    deleted(stub, "handle-1")
    interrupted_during(target, "DeleteMessageBatch")
    sweep, report = Sweep(Queue(target, "u")), Report()

    with closing(Archive(tmp_path / "letters")) as archive, pytest.raises(KeyboardInterrupt):
        drop(sweep, sweep.letters(), archive, report, lambda: None)
    sweep.end()

    assert report.total("dropped") == (1, 1)


def of_labels(*labels: Any, error: str = "FunctionFailed") -> Letter:
    body = {
        "error": error,
        "cause": "the model failed",
        "request_id": "q",
        "received_at": 7,
        "labels": labels,
    }
    return Letter.read(Message("2", "handle-2", json.dumps(body), LONG_AGO, {}))


def test_labels_go_through_their_own_workflow_with_the_time_of_their_request(
    attempt: Attempt, stub: Stub
) -> None:
    right, wrong = {"event_id": "e", "label": 1}, {"sensor": "s", "label": 1}
    rejected = [{"body": {"error": "InvalidLabel", "cause": "no", "labels": [wrong]}}]
    given = {"error": "FunctionFailed", "cause": "the model failed", "request_id": "q", "received_at": 7}
    stub("stepfunctions").add_response(
        "start_sync_execution",
        {
            "executionArn": ARN,
            "startDate": 0,
            "stopDate": 0,
            "status": "SUCCEEDED",
            "output": json.dumps({"answer": {"batch": {"rejected": rejected}}}),
        },
        {
            "stateMachineArn": LABELS_ARN,
            "input": json.dumps({**given, "labels": [right, wrong], "redrive": True}),
        },
    )

    assert attempt([of_labels(right, wrong)]) == [[None, Failure("InvalidLabel", "no", judged=True)]]


def test_labels_and_events_keep_their_places(attempt: Attempt, stub: Stub) -> None:
    executed(stub, [event()])
    stored(stub, event())
    stub("stepfunctions").add_response(
        "start_sync_execution",
        {"executionArn": ARN, "startDate": 0, "stopDate": 0, "status": "FAILED", "error": "x", "cause": "y"},
        {"stateMachineArn": LABELS_ARN, "input": ANY},
    )

    outcomes = attempt([of_labels({"event_id": "e", "label": 1}), letter(event())])

    assert outcomes == [[Failure("x", "y", judged=False)], [None]]
