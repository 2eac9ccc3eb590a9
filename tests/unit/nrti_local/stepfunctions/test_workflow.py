"""The walk through an EXPRESS workflow beside ministack's own, state by state."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ministack.services import dynamodb, stepfunctions

from nrti_local.stepfunctions import patches, paths
from nrti_local.stepfunctions.express import EXECUTIONS
from nrti_local.stepfunctions.workflow import walk

TABLE = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
WRITE = "arn:aws:states:::aws-sdk:dynamodb:batchWriteItem"
GIVEN = {"a": {"b": [1, 2, 3], "c": "text"}, "n": 5, "yes": True, "none": None}


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> Iterator[None]:
    dynamodb._create_table(TABLE)
    undo = next(patch for patch in patches.PATCHES if patch.attribute == "_scaled_sleep").apply()
    yield
    undo()
    dynamodb._delete_table(TABLE)


def _ended(run: Callable[[Any, Any], Any], states: dict[str, Any], given: Any) -> Any:
    """The output, or the error and its cause."""
    context = {
        "QueryLanguage": "JSONPath",
        "Execution": {"Input": copy.deepcopy(given), "Name": "e"},
        "StateMachine": {"Name": "m"},
        "variables": {},
    }
    try:
        return run({"States": states, "given": copy.deepcopy(given)}, context)
    except stepfunctions._ExecutionError as error:
        return error.error, error.cause


def _theirs(machine: Any, context: Any) -> Any:
    return stepfunctions._run_sub_machine(machine["States"], "S", machine["given"], {"events": []}, context)


def _ours(machine: Any, context: Any) -> Any:
    async def run() -> Any:
        EXECUTIONS.bind(asyncio.get_running_loop())
        walking = walk(machine["States"], "S", machine["given"], {"events": []}, context)
        submitted = EXECUTIONS.submit(lambda: walking)
        return await asyncio.wrap_future(submitted)

    return asyncio.run(run())


def _puts(*items: dict[str, Any]) -> dict[str, Any]:
    return {"RequestItems": {"things": [{"PutRequest": {"Item": item}} for item in items]}}


def _task(parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"S": {"Type": "Task", "Resource": WRITE, "Parameters": parameters, "End": True, **more}}


PASS = {"Type": "Pass", "End": True}
BRANCH = {"StartAt": "P", "States": {"P": {**PASS, "Parameters": {"x.$": "$.n"}}}}
LOST = {"RequestItems": {"no-such-table": [{"PutRequest": {"Item": {"id": {"S": "x"}}}}]}}


@pytest.mark.parametrize(
    "states",
    [
        {"S": PASS},
        {"S": {**PASS, "Result": {"fixed": 1}, "ResultPath": "$.a.d"}},
        {"S": {**PASS, "ResultPath": None}},
        {"S": {**PASS, "InputPath": "$.a", "OutputPath": "$.c"}},
        {
            "S": {
                **PASS,
                "Parameters": {
                    "one.$": "$.a.b[1]",
                    "all.$": "$.a.b[*]",
                    "name.$": "$$.StateMachine.Name",
                    "sum.$": "States.MathAdd($.n, 3)",
                    "list": [{"deep.$": "$.a['c']"}, "as it is"],
                },
                "ResultPath": "$.n.made",
            }
        },
        {"S": {**PASS, "Parameters": {"missing.$": "$.no.such"}}},
        {"S": {"Type": "Succeed", "InputPath": "$.a"}},
        {"S": {"Type": "Fail", "Error": "Mine", "CausePath": "$.a.c"}},
        {"S": {"Type": "Wait", "Seconds": 0, "Next": "T"}, "T": PASS},
        {"S": {"Type": "Wait", "SecondsPath": "$.no", "OutputPath": "$.a", "End": True}},
        {
            "S": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.n", "NumericGreaterThan": 4, "Next": "T"}],
                "Default": "U",
            },
            "T": {**PASS, "Result": "many"},
            "U": {**PASS, "Result": "few"},
        },
        {"S": {"Type": "Choice", "Choices": [{"Variable": "$.n", "IsString": True, "Next": "T"}]}},
        {"S": {"Type": "Pass", "Next": "nowhere"}},
        {"S": {"Type": "Riddle"}},
        {"S": {"Type": "Parallel", "Branches": [BRANCH, BRANCH], "ResultPath": "$.both", "End": True}},
        {"S": {"Type": "Map", "ItemsPath": "$.a.b", "ItemProcessor": {**BRANCH}, "End": True}},
        {
            "S": {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Output": "{% $states.input.n + 1 %}",
                "End": True,
            }
        },
        _task(_puts({"id": {"S": "1"}, "n": {"L": [{"N": "1"}, {"M": {"k": {"S": "v"}}}]}})),
        _task(_puts({"id": {"S": "1"}, "yes": {"Bool": True}, "no": {"Nul": True}})),
        _task(_puts({"id": {"S": "1"}}), ResultSelector={"left.$": "$.UnprocessedItems"}, ResultPath="$.w"),
        _task(_puts({"id": {"S": "1"}}, {"id": {"S": "1"}})),
        _task(_puts({"id": {"N": "1"}})),
        _task(LOST),
        _task(LOST, Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "T"}])
        | {"T": PASS},
        _task(
            LOST,
            Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 0, "MaxAttempts": 2}],
            Catch=[{"ErrorEquals": ["States.TaskFailed"], "Next": "T"}],
        )
        | {"T": {**PASS, "Parameters": {"failure.$": "$.Error"}}},
        _task(_puts({"id": {"S": "1"}}), TimeoutSeconds=5),
    ],
)
def test_a_machine_ends_as_with_ministack(states: dict[str, Any]) -> None:
    assert _ended(_ours, states, GIVEN) == _ended(_theirs, states, GIVEN)


@pytest.mark.parametrize("item", [{"id": 1}, None])
def test_what_the_server_cannot_do_is_caught_as_a_task_that_failed(item: Any) -> None:
    catch = [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.failure", "Next": "T"}]

    output = _ended(_ours, _task(_puts(item), Catch=catch) | {"T": PASS}, GIVEN)

    assert output["failure"]["Error"] == "States.TaskFailed"


@pytest.mark.parametrize("path", [None, "$", "$.x", "$.a", "$.a.x", "$.n.x", "$.a.b.x.y"])
@pytest.mark.parametrize("original", [GIVEN, {}, [1], "text"])
def test_a_result_goes_where_ministack_puts_it(path: str | None, original: Any) -> None:
    given = copy.deepcopy(original)
    placed = paths._result_path(stepfunctions._apply_result_path_raw)(path, given, {"r": 1})
    assert placed == stepfunctions._apply_result_path_raw(path, original, {"r": 1})
    assert given == original


@pytest.mark.parametrize(
    "path",
    ["", "$", "$.a", "$.a.b", "$.a.b[1]", "$.a.b[*]", "$['a']['c']", "$.a.*", "$.x.y", "$.n.x", "a", "$."],
)
def test_a_path_leads_where_it_leads_ministack(path: str) -> None:
    resolve = stepfunctions._resolve_path
    assert paths._by_fields(resolve)(path, GIVEN) == resolve(path, GIVEN)


def test_a_wait_does_not_hold_the_loop_up() -> None:
    states = {"S": {"Type": "Wait", "Seconds": 0.05, "End": True}}
    ticks = 0

    async def run() -> None:
        nonlocal ticks
        EXECUTIONS.bind(asyncio.get_running_loop())
        waiting = asyncio.wrap_future(EXECUTIONS.submit(lambda: walk(states, "S", {}, {"events": []}, {})))
        while not waiting.done():
            ticks += 1
            await asyncio.sleep(0.005)

    asyncio.run(run())
    assert ticks > 3
