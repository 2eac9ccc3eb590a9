"""Runs small state machines on a fake clock, with scripted tasks."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

from nrti_local.stepfunctions.asl.context import Environment, Paused, Reply
from nrti_local.stepfunctions.asl.errors import StateError
from nrti_local.stepfunctions.asl.machine import Machine
from tests import virtual_time

CONTEXT = {
    "Execution": {"Id": "arn:e", "Input": {"given": 1}, "Name": "e", "RoleArn": "arn:r", "StartTime": "now"},
    "StateMachine": {"Id": "arn:m", "Name": "m"},
}
#: Answers a task: from its effective input to its result; raises StateError.
Answer = Callable[[Any], Any]


class Fails(str):
    """An expectation: the execution fails with this error.

    Attributes:
        cause: of an execution that failed.
    """

    cause: str


def ended(
    states: dict[str, Any], given: Any, answer: Answer = lambda request: request, **machine: Any
) -> Any:
    """Runs a machine that begins at `S`, and returns its output, or how it fails."""
    output, _ = timed(states, given, answer, **machine)
    return output


def timed(
    states: dict[str, Any], given: Any, answer: Answer = lambda request: request, **machine: Any
) -> tuple[Any, list[float]]:
    """As `ended`, and the moments at which the tasks were called."""
    moments: list[float] = []

    async def invoke(_resource: str, request: Any, _paused: Paused) -> Reply:
        moments.append(asyncio.get_running_loop().time())
        result = answer(request)
        return Reply(await result if asyncio.iscoroutine(result) else result)

    async def run() -> Any:
        compiled = Machine({"StartAt": "S", "States": states, **machine})
        return await compiled.run(given, CONTEXT, Environment(invoke))

    before = copy.deepcopy(given)
    try:
        output = virtual_time.run(run())
    except StateError as error:
        output = Fails(error.error)
        output.cause = error.cause
    assert given == before, "a state changed its input in place"
    return output, moments
