"""Wait, Succeed, Fail, Parallel, Map, and what a machine does with them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nrti_local.stepfunctions.asl.errors import StateError
from nrti_local.stepfunctions.asl.limits import LIMIT
from nrti_local.stepfunctions.asl.machine import Machine
from nrti_local.stepfunctions.asl.state import UnsupportedError
from tests.unit.nrti_local.stepfunctions.asl.interpreter import Answer, Fails, ended, timed

PASS = {"Type": "Pass", "End": True}
TASK = {"Type": "Task", "Resource": "r", "End": True}
FAIL = {"Type": "Fail", "Error": "E", "Cause": "c"}
RUNTIME = Fails("States.Runtime")
DATA = {"n": 5, "l": [1, 2, 3], "o": {"x": 1}, "t": "text", "past": "2020-01-01T00:00:00Z"}


def branch(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def _wait(**fields: Any) -> dict[str, Any]:
    return {"S": {"Type": "Wait", **fields, "Next": "T"}, "T": TASK}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Seconds": 7}, 7),
        ({"Seconds": 0}, 0),
        ({"SecondsPath": "$.n"}, 5),
        ({"Timestamp": "2020-01-01T00:00:00Z"}, 0),
        ({"TimestampPath": "$.past"}, 0),
        ({"SecondsPath": "$.t"}, RUNTIME),
        ({"SecondsPath": "$.missing"}, RUNTIME),
        ({"Seconds": -1}, RUNTIME),
        ({"Seconds": 1.5}, RUNTIME),
        ({"Timestamp": "tomorrow"}, RUNTIME),
        ({"Timestamp": "2020-01-01 00:00:00Z"}, RUNTIME),
        ({"TimestampPath": "$.n"}, RUNTIME),
    ],
)
def test_a_wait_takes(fields: dict[str, Any], expected: Any) -> None:
    output, moments = timed(_wait(**fields), DATA)

    assert (output, moments) == ((expected, []) if isinstance(expected, Fails) else (DATA, [expected]))


@pytest.mark.parametrize("fields", [{}, {"Seconds": 1, "SecondsPath": "$.n"}])
def test_a_wait_has_one_duration(fields: dict[str, Any]) -> None:
    assert ended_or_refused(_wait(**fields)) == RUNTIME


def ended_or_refused(states: dict[str, Any]) -> Any:
    """As `ended`; a definition may also fail when it is compiled."""
    try:
        return ended(states, DATA)
    except StateError as error:
        return Fails(error.error)


#: States, and the output or the error of a machine that begins at `S`.
MACHINES: list[tuple[dict[str, Any], Any]] = [
    ({"S": {"Type": "Succeed"}}, DATA),
    ({"S": {"Type": "Succeed", "InputPath": "$.o", "OutputPath": "$.x"}}, 1),
    ({"S": FAIL}, Fails("E")),
    ({"S": {"Type": "Fail"}}, Fails("")),
    ({"S": {"Type": "Fail", "ErrorPath": "$.t"}}, Fails("text")),
    ({"S": {"Type": "Fail", "ErrorPath": "States.Format('{}!', $.t)"}}, Fails("text!")),
    ({"S": {"Type": "Fail", "ErrorPath": "$.n"}}, RUNTIME),
    ({"S": {"Type": "Pass", "Next": "nowhere"}}, RUNTIME),
    ({"S": {"Type": "Riddle"}}, RUNTIME),
    ({"S": {"Type": "Parallel", "Branches": [branch(P=PASS), branch(P=PASS)], "End": True}}, [DATA, DATA]),
    (
        {
            "S": {
                "Type": "Parallel",
                "Parameters": {"x.$": "$.n"},
                "Branches": [branch(P={**PASS, "Result": 1}), branch(P=PASS)],
                "ResultSelector": {"first.$": "$[0]", "second.$": "$[1].x"},
                "ResultPath": "$.o.r",
                "OutputPath": "$.o",
                "End": True,
            }
        },
        {"x": 1, "r": {"first": 1, "second": 5}},
    ),
    ({"S": {"Type": "Parallel", "Branches": [branch(P=PASS), branch(F=FAIL)], "End": True}}, Fails("E")),
    (
        {
            "S": {
                "Type": "Parallel",
                "Branches": [branch(F=FAIL)],
                "Catch": [{"ErrorEquals": ["E"], "ResultPath": "$.failure", "Next": "T"}],
                "End": True,
            },
            "T": {**PASS, "OutputPath": "$.failure"},
        },
        {"Error": "E", "Cause": "c"},
    ),
    ({"S": {"Type": "Map", "ItemsPath": "$.l[3:]", "Iterator": branch(P=FAIL), "End": True}}, []),
    ({"S": {"Type": "Map", "ItemsPath": "$.l", "Iterator": branch(P=PASS), "End": True}}, [1, 2, 3]),
    ({"S": {"Type": "Map", "ItemsPath": "$.l", "ItemProcessor": branch(P=PASS), "End": True}}, [1, 2, 3]),
    ({"S": {"Type": "Map", "InputPath": "$.l", "ItemProcessor": branch(P=PASS), "End": True}}, [1, 2, 3]),
    (
        {"S": {"Type": "Map", "ItemsPath": "$.l[?(@ > 1)]", "ItemProcessor": branch(P=PASS), "End": True}},
        [2, 3],
    ),
    ({"S": {"Type": "Map", "ItemsPath": "$.o", "ItemProcessor": branch(P=PASS), "End": True}}, RUNTIME),
    ({"S": {"Type": "Map", "ItemsPath": "$.t", "ItemProcessor": branch(P=PASS), "End": True}}, RUNTIME),
    ({"S": {"Type": "Map", "ItemsPath": "$.missing", "ItemProcessor": branch(P=PASS), "End": True}}, RUNTIME),
    (
        {
            "S": {
                "Type": "Map",
                "ItemsPath": "$.l",
                "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "n.$": "$.n"},
                "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **branch(P=PASS)},
                "ResultPath": "$.l",
                "End": True,
            }
        },
        {**DATA, "l": [{"i": index, "v": index + 1, "n": 5} for index in range(3)]},
    ),
    (
        {
            "S": {
                "Type": "Map",
                "ItemsPath": "$.l",
                "Parameters": {"v.$": "$$.Map.Item.Value"},
                "Iterator": branch(P={**PASS, "Parameters": {"w.$": "$.v", "s.$": "$$.State.Name"}}),
                "ResultSelector": {"all.$": "$[*].w", "state.$": "$[0].s"},
                "End": True,
            }
        },
        {"all": [1, 2, 3], "state": "P"},
    ),
    (
        {
            "S": {
                "Type": "Map",
                "ItemsPath": "$.l",
                "ItemProcessor": branch(F=FAIL),
                "ResultPath": None,
                "End": True,
            }
        },
        Fails("E"),
    ),
]


@pytest.mark.parametrize(("states", "expected"), MACHINES)
def test_a_machine_ends_with(states: dict[str, Any], expected: Any) -> None:
    assert ended_or_refused(states) == expected


def test_nested_maps_see_their_own_item() -> None:
    inner = {
        "Type": "Map",
        "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"},
        "ItemProcessor": branch(P=PASS),
        "End": True,
    }
    states = {"S": {"Type": "Map", "ItemProcessor": branch(M=inner), "End": True}}

    assert ended(states, [["a"], ["b", "c"]]) == [
        [{"i": 0, "v": "a"}],
        [{"i": 0, "v": "b"}, {"i": 1, "v": "c"}],
    ]


def _counting(running: list[int], most: list[int]) -> Answer:
    async def work() -> None:
        running.append(1)
        most.append(len(running))
        await asyncio.sleep(1)
        running.pop()

    return lambda _: work()


@pytest.mark.parametrize(
    ("fields", "at_once"),
    [
        ({}, 40),
        ({"MaxConcurrency": 0}, 40),
        ({"MaxConcurrency": 1}, 1),
        ({"MaxConcurrencyPath": "$.most"}, 3),
    ],
)
def test_a_map_runs_at_once(fields: dict[str, Any], at_once: int) -> None:
    states = {
        "S": {"Type": "Map", "ItemsPath": "$.l", "ItemProcessor": branch(P=TASK), "End": True, **fields},
    }
    most: list[int] = []
    _, moments = timed(states, {"l": list(range(50)), "most": 3}, _counting([], most))

    assert max(most) == at_once
    assert max(moments) == (50 - 1) // at_once


def test_branches_run_at_the_same_time_and_the_first_that_fails_ends_the_others() -> None:
    waiting = {"Type": "Wait", "Seconds": 10, "Next": "F"}
    failing = {"Type": "Wait", "Seconds": 2, "Next": "F"}
    states = {
        "S": {
            "Type": "Parallel",
            "Branches": [branch(W=waiting, F={**FAIL, "Error": "late"}), branch(W=failing, F=FAIL)],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "T"}],
            "End": True,
        },
        "T": TASK,
    }

    assert timed(states, {}) == ({"Error": "E", "Cause": "c"}, [2])


def test_a_map_is_tried_again_as_a_whole() -> None:
    calls: list[Any] = []

    def answer(request: Any) -> Any:
        calls.append(request)
        if len(calls) == 2:
            raise StateError("E")
        return request

    states = {
        "S": {
            "Type": "Map",
            "MaxConcurrency": 1,
            "ItemProcessor": branch(P=TASK),
            "Retry": [{"ErrorEquals": ["E"]}],
            "End": True,
        }
    }

    assert ended(states, ["a", "b"], answer) == ["a", "b"]
    assert calls == ["a", "b", "a", "b"]


LARGE = "x" * (LIMIT - 2)
TOO_MUCH = Fails("States.DataLimitExceeded")


@pytest.mark.parametrize(
    ("state", "given", "answer", "expected"),
    [
        (PASS, LARGE, None, LARGE),
        ({**PASS, "Parameters": {"x.$": "$"}}, LARGE, None, TOO_MUCH),
        ({**PASS, "Parameters": {"x.$": "$.a", "y.$": "$.b"}}, {"a": LARGE[13:], "b": ""}, None, None),
        ({**PASS, "Parameters": {"x.$": "$.a", "y.$": "$"}}, {"a": LARGE[: LIMIT // 2]}, None, TOO_MUCH),
        (
            {**PASS, "Parameters": {"x.$": "States.Array($.a, $.a)"}},
            {"a": LARGE[: LIMIT // 2]},
            None,
            TOO_MUCH,
        ),
        ({**PASS, "Result": 1, "ResultPath": "$.r"}, {"a": LARGE[8:]}, None, TOO_MUCH),
        ({**PASS, "Parameters": {"é.$": "$"}}, "é" * (LIMIT // 2 - 2), None, TOO_MUCH),
        (TASK, {}, "é" * (LIMIT // 2), TOO_MUCH),
        ({**TASK, "ResultPath": None}, {}, LARGE + "x", TOO_MUCH),
        ({**TASK, "ResultSelector": {"x.$": "$.x"}}, {}, {"x": LARGE, "y": LARGE}, TOO_MUCH),
        ({**TASK, "Parameters": {"a.$": "$", "b.$": "$"}}, LARGE[: LIMIT // 2], "done", TOO_MUCH),
    ],
)
def test_data_of_more_than_256_kib_fail_the_state(state: Any, given: Any, answer: Any, expected: Any) -> None:
    output = ended({"S": state}, given, lambda _: answer)

    assert expected is None or output == expected
    assert expected is not None or not isinstance(output, Fails)


def test_what_exceeds_the_limit_is_caught_by_its_name_only() -> None:
    catch = [
        {"ErrorEquals": ["States.ALL"], "Next": "T"},
        {"ErrorEquals": ["States.DataLimitExceeded"], "Next": "U"},
    ]
    states = {"S": {**TASK, "Catch": catch}, "T": PASS, "U": {**PASS, "Result": "caught"}}

    assert ended(states, {}, lambda _: LARGE + "x") == "caught"


def test_a_loop_of_states_lets_the_timeout_end_it() -> None:
    spinning = {"S": {"Type": "Pass", "Next": "T"}, "T": {"Type": "Wait", "Seconds": 1, "Next": "S"}}

    assert ended(spinning, {}) == Fails("States.Timeout")


@pytest.mark.parametrize(
    "definition",
    [
        {"QueryLanguage": "JSONata", **branch(S=PASS)},
        branch(S={**PASS, "QueryLanguage": "JSONata"}),
        branch(S={**PASS, "Assign": {"x": 1}}),
        branch(S={**TASK, "Catch": [{"ErrorEquals": ["E"], "Assign": {"x": 1}, "Next": "S"}]}),
        branch(
            S={"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, **branch(P=PASS)}}
        ),
    ],
)
def test_other_dialects_are_left_to_ministack(definition: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedError):
        Machine(definition)
