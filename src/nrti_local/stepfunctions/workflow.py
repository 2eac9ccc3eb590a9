"""Walks through the states of an EXPRESS workflow on the server's loop.

What a state does is ministack's own code; only who waits is different. A task that calls a function or
stores items, and whatever pauses, lets the loop go on meanwhile. Everything else that may block (Map,
Parallel, other services' tasks) runs in a thread, as ministack has it.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import stepfunctions

from nrti_local.stepfunctions import tasks
from nrti_local.stepfunctions.express import EXECUTIONS, in_thread

State = dict[str, Any]
#: The output of a state, and the name of the next one.
Step = tuple[Any, str | None]

#: The seconds that the code on the loop wanted to sleep for, while it may not.
naps: ContextVar[list[float] | None] = ContextVar("naps", default=None)


async def walk(states: dict[str, State], first: str, given: Any, execution: Any, context: Any) -> Any:
    """Runs a machine from its first state to its last, and returns the output.

    Args:
        states: by name.
        first: where it begins.
        given: the input; no state changes it in place.
        execution: ministack's record of it.
        context: the context object.

    Raises:
        stepfunctions._ExecutionError: it failed.
    """
    data = given
    name: str | None = first
    while name:
        state = states.get(name)
        if not state:
            raise stepfunctions._ExecutionError("States.Runtime", f"State '{name}' not found")  # noqa: SLF001
        context["State"] = {"Name": name, "EnteredTime": now_iso(), "RetryCount": 0}
        kind = state.get("Type")
        if kind == "Succeed":
            effective = stepfunctions._apply_input_path(state, data, context)  # noqa: SLF001
            return stepfunctions._apply_output_path(state, effective, context)  # noqa: SLF001
        if kind == "Fail":
            raise stepfunctions._ExecutionError(  # noqa: SLF001
                *stepfunctions._fail_state_error(state, data, context)  # noqa: SLF001
            )
        data, name = await _step(kind, state, data, execution, context)
    return data


async def _step(kind: str | None, state: State, data: Any, execution: Any, context: Any) -> Step:
    if kind == "Pass":
        return _typed(stepfunctions._execute_pass(state, data, context))  # noqa: SLF001
    if kind == "Choice":
        return _typed(stepfunctions._execute_choice(state, data, context))  # noqa: SLF001
    if kind == "Wait":
        return await _wait(state, data, context)
    if kind == "Task" and (invoke := tasks.of(state, context)):
        return await _task(invoke, state, data, context)
    if kind in _BLOCKING:
        async with EXECUTIONS.paused():
            return _typed(await in_thread(_BLOCKING[kind], state, data, execution, context))
    raise stepfunctions._ExecutionError("States.Runtime", f"Unknown state type: {kind}")  # noqa: SLF001


_BLOCKING = {
    "Task": stepfunctions._execute_task,  # noqa: SLF001
    "Parallel": stepfunctions._execute_parallel,  # noqa: SLF001
    "Map": stepfunctions._execute_map,  # noqa: SLF001
}


async def _wait(state: State, data: Any, context: Any) -> Step:
    token = naps.set([])
    try:
        step = _typed(stepfunctions._execute_wait(state, data, context))  # noqa: SLF001
        seconds = sum(naps.get() or [])
    finally:
        naps.reset(token)
    await _pause(seconds)
    return step


async def _pause(seconds: float) -> None:
    async with EXECUTIONS.paused():
        await asyncio.sleep(seconds)


async def _task(invoke: tasks.Invoke, state: State, data: Any, context: Any) -> Step:
    """Carries a task out, again as often as its Retry has it, and then as its Catch has it."""
    retries: dict[int, int] = {}
    while True:
        context["State"]["RetryCount"] = sum(retries.values())
        effective = stepfunctions._apply_input_path(state, data, context)  # noqa: SLF001
        effective = stepfunctions._apply_parameters(state, effective, context)  # noqa: SLF001
        try:
            result = stepfunctions._apply_result_selector(state, await invoke(effective))  # noqa: SLF001
            output = stepfunctions._apply_result_path(state, data, result)  # noqa: SLF001
            output = stepfunctions._apply_output_path(state, output, context)  # noqa: SLF001
            return output, stepfunctions._next_or_end(state)  # noqa: SLF001
        except stepfunctions._ExecutionError as error:  # noqa: SLF001
            retrier, index = stepfunctions._find_matching_retrier(  # noqa: SLF001
                state.get("Retry", []), error.error, retries
            )
            if retrier is None:
                return _caught(state, data, context, error)
        await _pause(_backoff(retrier, retries.get(index, 0)))
        retries[index] = retries.get(index, 0) + 1


def _backoff(retrier: dict[str, Any], count: int) -> float:
    seconds = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** count
    return float(min(seconds, 60) * stepfunctions._SFN_WAIT_SCALE)  # noqa: SLF001


def _caught(state: State, data: Any, context: Any, error: Any) -> Step:
    catcher = stepfunctions._find_matching_catcher(state.get("Catch", []), error.error)  # noqa: SLF001
    if not catcher:
        raise error
    failure = {"Error": error.error, "Cause": error.cause}
    output = stepfunctions._apply_catcher(catcher, data, context, "JSONPath", failure)  # noqa: SLF001
    return output, catcher["Next"]


def _typed(step: Any) -> Step:
    output, following = step
    return output, following
