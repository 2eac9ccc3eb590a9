"""Retry, Catch and timeouts: the waits are measured on a fake clock."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import pytest

from nrti_local.stepfunctions.asl.errors import StateError
from nrti_local.stepfunctions.asl.machine import machine
from tests.unit.nrti_local.stepfunctions.asl.interpreter import Answer, Fails, ended, timed

TASK = {"Type": "Task", "Resource": "r", "End": True}
PASS = {"Type": "Pass", "End": True}


def failing(*errors: str, then: Any = "done") -> Answer:
    """Fails with these errors, one a call, and succeeds from then on."""
    left = list(errors)

    def answer(_: Any) -> Any:
        if left:
            raise StateError(left.pop(0), "because")
        return then

    return answer


def always(error: str) -> Answer:
    def answer(_: Any) -> Any:
        raise StateError(error, "because")

    return answer


def _retry(*names: str, **more: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(names), **more}


#: The Retry of a task that always fails with `E`, and the moments at which it is called.
SCHEDULES: list[tuple[list[dict[str, Any]], list[float]]] = [
    ([], [0]),
    ([_retry("States.ALL")], [0, 1, 3, 7]),
    ([_retry("States.ALL", MaxAttempts=0)], [0]),
    ([_retry("E", MaxAttempts=1)], [0, 1]),
    ([_retry("Other")], [0]),
    ([_retry("States.TaskFailed", MaxAttempts=2, IntervalSeconds=3)], [0, 3, 9]),
    ([_retry("States.Timeout")], [0]),
    ([_retry("E", MaxAttempts=4, IntervalSeconds=2, BackoffRate=1)], [0, 2, 4, 6, 8]),
    ([_retry("E", MaxAttempts=3, BackoffRate=1.5)], [0, 1, 2.5, 4.75]),
    ([_retry("E", MaxAttempts=5, MaxDelaySeconds=5)], [0, 1, 3, 7, 12, 17]),
    ([_retry("E", MaxAttempts=3, IntervalSeconds=100)], [0, 100]),
    ([_retry("Other"), _retry("E", MaxAttempts=1)], [0, 1]),
    ([_retry("E", MaxAttempts=1), _retry("States.ALL", IntervalSeconds=9)], [0, 1]),
]


@pytest.mark.parametrize(("retry", "expected"), SCHEDULES)
def test_a_task_is_tried_again_at(retry: list[dict[str, Any]], expected: list[float]) -> None:
    output, moments = timed({"S": {**TASK, "Retry": retry}}, {}, always("E"))

    assert moments == expected
    assert output == (Fails("States.Timeout") if 100 in moments else Fails("E"))


def test_each_retrier_counts_by_itself() -> None:
    retry = [_retry("A", MaxAttempts=2), _retry("B", MaxAttempts=1, IntervalSeconds=5)]

    assert timed({"S": {**TASK, "Retry": retry}}, {}, failing("A", "B", "A")) == ("done", [0, 1, 6, 8])
    assert timed({"S": {**TASK, "Retry": retry}}, {}, failing("B", "B")) == (Fails("B"), [0, 5])


def test_jitter_spreads_each_delay_between_zero_and_its_length() -> None:
    retry = [_retry("E", MaxAttempts=4, MaxDelaySeconds=3, JitterStrategy="FULL")]
    runs = [timed({"S": {**TASK, "Retry": retry}}, {}, always("E"))[1] for _ in range(60)]
    delays = [[after - before for before, after in itertools.pairwise(moments)] for moments in runs]

    for number, longest in enumerate([1, 2, 3, 3]):
        drawn = [each[number] for each in delays]
        assert max(drawn) <= longest
        assert min(drawn) < longest / 2 < max(drawn)


def test_the_context_counts_the_retries_and_begins_anew_in_the_next_state() -> None:
    seen: list[Any] = []

    def answer(request: Any) -> Any:
        seen.append(request["count"])
        if len(seen) < 3:
            raise StateError("E")
        return {}

    task = {"Type": "Task", "Resource": "r", "Parameters": {"count.$": "$$.State.RetryCount"}}
    first = {**task, "Next": "T", "Retry": [_retry("E")]}
    ended({"S": first, "T": {**task, "End": True}}, {}, answer)

    assert seen == [0, 1, 2, 0]


#: What a Catch names, the error, and whether it catches it.
CAUGHT: list[tuple[str, str, bool]] = [
    ("E", "E", True),
    ("States.ALL", "E", True),
    ("States.ALL", "States.Timeout", True),
    ("States.ALL", "States.TaskFailed", True),
    ("States.ALL", "States.DataLimitExceeded", False),
    ("States.ALL", "States.Runtime", False),
    ("States.Runtime", "States.Runtime", False),
    ("States.DataLimitExceeded", "States.DataLimitExceeded", True),
    ("States.TaskFailed", "E", True),
    ("States.TaskFailed", "States.Timeout", False),
    ("States.TaskFailed", "States.DataLimitExceeded", False),
    ("States.Timeout", "States.Timeout", True),
    ("Other", "E", False),
    ("e", "E", False),
]


@pytest.mark.parametrize(("name", "error", "caught"), CAUGHT)
def test_a_catcher_catches(name: str, error: str, caught: bool) -> None:
    states = {"S": {**TASK, "Catch": [{"ErrorEquals": [name], "Next": "T"}]}, "T": PASS}
    output = ended(states, {"a": 1}, always(error))

    assert output == ({"Error": error, "Cause": "because"} if caught else Fails(error))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", {"Error": "E", "Cause": "because"}),
        ("$.failure", {"a": 1, "failure": {"Error": "E", "Cause": "because"}}),
        ("$.f.g", {"a": 1, "f": {"g": {"Error": "E", "Cause": "because"}}}),
        (None, {"a": 1}),
        ("$.a.b", Fails("States.ResultPathMatchFailure")),
    ],
)
def test_what_is_caught_goes_to_the_result_path(path: str | None, expected: Any) -> None:
    catch = [{"ErrorEquals": ["E"], "ResultPath": path, "Next": "T"}]
    states = {"S": {**TASK, "InputPath": None, "Catch": catch}, "T": PASS}

    assert ended(states, {"a": 1}, always("E")) == expected


def test_retries_come_before_the_catch() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "T"}]
    states = {"S": {**TASK, "Retry": [_retry("E", MaxAttempts=2)], "Catch": catch}, "T": PASS}

    assert timed(states, {}, always("E")) == ({"Error": "E", "Cause": "because"}, [0, 1, 3])


def test_nothing_catches_a_field_that_leads_to_nothing() -> None:
    catch = [{"ErrorEquals": [error], "Next": "S"} for error in ("States.ParameterPathFailure", "States.ALL")]
    states = {"S": {**TASK, "Parameters": {"x.$": "$.no"}, "Catch": catch}}
    failed = ended(states, {"a": 1})

    assert failed == Fails("States.Runtime")
    assert failed.cause == (
        "An error occurred while executing the state 'S'. The JSONPath '$.no' specified for the field 'x.$' "
        "could not be found in the input '{\"a\":1}'"
    )


def _sleeping(seconds: float) -> Answer:
    async def sleep() -> str:
        await asyncio.sleep(seconds)
        return "done"

    return lambda _: sleep()


TIMEOUT = Fails("States.Timeout")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "done"),
        ({"TimeoutSeconds": 11}, "done"),
        ({"TimeoutSeconds": 9}, TIMEOUT),
        ({"TimeoutSecondsPath": "$.limit"}, TIMEOUT),
        ({"TimeoutSecondsPath": "$.missing"}, Fails("States.Runtime")),
        ({"TimeoutSeconds": 20, "HeartbeatSeconds": 5}, "done"),
        ({"TimeoutSeconds": 9, "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "T"}]}, "caught"),
        ({"TimeoutSeconds": 9, "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "T"}]}, TIMEOUT),
    ],
)
def test_a_task_of_ten_seconds(fields: dict[str, Any], expected: Any) -> None:
    states = {"S": {**TASK, **fields}, "T": {**PASS, "Result": "caught"}}

    assert ended(states, {"limit": 9}, _sleeping(10)) == expected


def test_a_timeout_is_retried_as_the_error_that_it_is() -> None:
    states = {"S": {**TASK, "TimeoutSeconds": 2, "Retry": [_retry("States.Timeout", MaxAttempts=1)]}}

    assert timed(states, {}, _sleeping(10)) == (TIMEOUT, [0, 3])


@pytest.mark.parametrize(
    ("machine", "seconds", "expected"),
    [
        ({}, 299, "done"),
        ({}, 301, TIMEOUT),
        ({"TimeoutSeconds": 5}, 6, TIMEOUT),
        ({"TimeoutSeconds": 900}, 301, TIMEOUT),
    ],
)
def test_an_execution_ends_after_its_timeout_and_five_minutes_at_most(
    machine: dict[str, Any], seconds: float, expected: Any
) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "T"}]
    states = {"S": {**TASK, "Catch": catch}, "T": {**PASS, "Result": "caught"}}

    assert ended(states, {}, _sleeping(seconds), **machine) == expected


def test_a_time_out_has_no_cause() -> None:
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "T"}]
    states = {"S": {**TASK, "TimeoutSeconds": 1, "Catch": catch}, "T": PASS}

    assert ended(states, {}, _sleeping(2)) == {"Error": "States.Timeout", "Cause": ""}


@pytest.mark.parametrize(
    "retrier", [_retry("E", BackoffRate=0.5), _retry("E", MaxAttempts=-1), {"MaxAttempts": 1}]
)
def test_a_retry_out_of_range_is_refused_before_anything_is_called(retrier: dict[str, Any]) -> None:
    definition = {"StartAt": "S", "States": {"S": {**TASK, "Retry": [retrier]}}}

    with pytest.raises(StateError, match="Retry|ErrorEquals") as failed:  # noqa: RUF043 - one of two
        machine(json.dumps(definition))
    assert failed.value.error == "States.Runtime"
