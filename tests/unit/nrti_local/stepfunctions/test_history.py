"""The history of executions, and what of it is logged at which level."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nrti_local.stepfunctions.asl.context import Environment, Paused, Reply
from nrti_local.stepfunctions.asl.errors import StateError
from nrti_local.stepfunctions.asl.machine import Machine as Compiled
from nrti_local.stepfunctions.history import History
from nrti_local.stepfunctions.machines import Machine
from tests import virtual_time

ARN = "arn:aws:states:eu-central-2:000000000000:express:m:e:1"
FUNCTION = "arn:aws:lambda:eu-central-2:000000000000:function:f"
QUEUE = "arn:aws:states:::sqs:sendMessage"
FAILS = {"Type": "Fail", "Error": "E", "Cause": "because"}


def _history(level: str, *, data: bool) -> History:
    logging = {"level": level, "includeExecutionData": data}
    return History(Machine("arn:m", "arn:m", None, {"name": "m", "loggingConfiguration": logging}), ARN)


def logged(level: str, given: Any, *, data: bool = False, fails: int = 0, **states: Any) -> list[Any]:
    """The entries of an execution that begins at `S`, and whose first tasks fail."""
    history, left = _history(level, data=data), [fails]

    async def invoke(_resource: str, request: Any, _paused: Paused) -> Reply:
        left[0] -= 1
        if left[0] >= 0:
            raise StateError("Busy", "later")
        return Reply(request)

    async def run() -> None:
        compiled = Compiled({"StartAt": "S", "States": states})
        context = {"Execution": {"Id": ARN, "Input": given}, "StateMachine": {"Name": "m"}}
        await compiled.run(given, context, Environment(invoke, record=history.add))

    history.add("ExecutionStarted", 0, {"input": given, "roleArn": "r"})
    try:
        virtual_time.run(run())
    except StateError as error:
        history.add("ExecutionFailed", history.last, {"error": error.error, "cause": error.cause})
    found = [json.loads(line) for line in history.lines]
    compact = [json.dumps(entry, separators=(",", ":")) for entry in found]
    assert history.lines == compact, "AWS writes no blanks, so patterns and regular expressions match"
    return found


def kinds(entries: list[Any]) -> list[str]:
    return [entry["type"] for entry in entries]


def test_at_error_a_fail_state_is_logged_with_its_input_and_the_execution_without() -> None:
    """As recorded on AWS: LocalStack's test_logs.snapshot.json, `raise_failure.json5_ERROR_True`."""
    entered, failed = logged("ERROR", {"x": 1}, data=True, S=FAILS)

    assert {entered.pop("event_timestamp"), failed.pop("event_timestamp")}
    same = {"execution_arn": ARN, "redrive_count": "0"}
    details = {"name": "S", "input": '{"x":1}', "inputDetails": {"truncated": False}}
    assert entered == {
        "id": "2",
        "type": "FailStateEntered",
        "details": details,
        "previous_event_id": "0",
        **same,
    }
    details = {"error": "E", "cause": "because"}
    assert failed == {
        "id": "3",
        "type": "ExecutionFailed",
        "details": details,
        "previous_event_id": "2",
        **same,
    }


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("ALL", ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]),
        ("ERROR", ["FailStateEntered", "ExecutionFailed"]),
        ("FATAL", ["ExecutionFailed"]),
        ("OFF", []),
    ],
)
def test_a_level_logs(level: str, expected: list[str]) -> None:
    assert kinds(logged(level, {}, S=FAILS)) == expected


def test_without_data_neither_input_nor_output_is_logged() -> None:
    entries = logged("ALL", {"x": 1}, S={"Type": "Pass", "End": True})

    assert [entry["details"] for entry in entries] == [{"roleArn": "r"}, {"name": "S"}, {"name": "S"}]


def test_each_attempt_at_a_task_has_its_events() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
    task = {"Type": "Task", "Resource": QUEUE, "Retry": retry, "End": True, "TimeoutSeconds": 5}
    entries = logged("ALL", {"x": 1}, data=True, fails=1, S=task)

    assert kinds(entries)[1:] == [
        "TaskStateEntered",
        *("TaskScheduled", "TaskStarted", "TaskFailed"),
        *("TaskScheduled", "TaskStarted", "TaskSucceeded"),
        "TaskStateExited",
    ]
    of = {"resource": "sendMessage", "resourceType": "sqs"}
    assert entries[2]["details"] == {"parameters": '{"x":1}', "timeoutInSeconds": 5, **of}
    assert entries[4]["details"] == {"error": "Busy", "cause": "later", **of}
    assert entries[7]["details"] == {"output": '{"x":1}', "outputDetails": {"truncated": False}, **of}


def test_a_function_by_its_arn_has_events_of_its_own() -> None:
    entries = logged("ERROR", {}, fails=1, S={"Type": "Task", "Resource": FUNCTION, "End": True})

    assert kinds(entries) == ["LambdaFunctionFailed", "ExecutionFailed"]


def test_a_map_and_its_iterations_have_events_and_numbers_go_on() -> None:
    task = {"Type": "Task", "Resource": QUEUE, "End": True}
    processor = {"StartAt": "T", "States": {"T": task}}
    entries = logged("ALL", [1, 2], S={"Type": "Map", "ItemProcessor": processor, "End": True})

    assert kinds(entries)[1:5] == [
        "MapStateEntered",
        "MapStateStarted",
        "MapIterationStarted",
        "TaskStateEntered",
    ]
    assert kinds(entries).count("MapIterationSucceeded") == 2
    assert kinds(entries)[-2:] == ["MapStateSucceeded", "MapStateExited"]
    assert [int(entry["id"]) for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[2]["details"] == {"length": 2}


def test_an_iteration_that_fails_fails_its_map() -> None:
    processor = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": QUEUE, "End": True}}}
    entries = logged("ERROR", [1], fails=1, S={"Type": "Map", "ItemProcessor": processor, "End": True})

    assert kinds(entries) == ["TaskFailed", "MapIterationFailed", "MapStateFailed", "ExecutionFailed"]


def test_more_than_248_kb_with_escapes_are_cut() -> None:
    given = {"x": '"' * 100_000}
    (entered, _) = logged("ERROR", given, data=True, S=FAILS)
    (whole, _) = logged("ERROR", {"x": "x" * 200_000}, data=True, S=FAILS)

    assert entered["details"]["inputDetails"] == {"truncated": True}
    assert 248 * 1024 - 1 <= len(json.dumps(entered["details"]["input"])[1:-1]) <= 248 * 1024
    assert whole["details"]["inputDetails"] == {"truncated": False}
