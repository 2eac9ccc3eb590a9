"""A state machine, compiled once from its definition, and its run from the first state to the last."""

from __future__ import annotations

import asyncio
import json
from functools import lru_cache
from typing import Any

from nrti_local.stepfunctions.asl.branches import Map, Parallel
from nrti_local.stepfunctions.asl.context import Environment, Frame, frame
from nrti_local.stepfunctions.asl.errors import RUNTIME, TIMEOUT, EvaluationError, StateError
from nrti_local.stepfunctions.asl.limits import UNKNOWN
from nrti_local.stepfunctions.asl.state import Definition, State, UnsupportedError, whole_seconds
from nrti_local.stepfunctions.asl.states import Choice, Fail, Pass, Succeed, Wait
from nrti_local.stepfunctions.asl.task import Task

#: The longest that an EXPRESS execution runs, in seconds.
EXPRESS_SECONDS = 300
#: States that follow each other without a wait before other executions get on.
_STATES_AT_A_TIME = 100

_SIMPLE: dict[str, type[State]] = {
    "Choice": Choice,
    "Fail": Fail,
    "Pass": Pass,
    "Succeed": Succeed,
    "Task": Task,
    "Wait": Wait,
}
_NESTED: dict[str, type[Map] | type[Parallel]] = {"Map": Map, "Parallel": Parallel}


class _States:
    """The states of a machine or a branch.

    Args:
        definition: with StartAt and States.
    """

    def __init__(self, definition: Definition) -> None:
        self._first: str = definition["StartAt"]
        self._states = {name: _state(name, state) for name, state in definition["States"].items()}

    async def run(self, data: Any, run: Frame) -> Any:
        """Runs from the first state to the last, and returns the last one's output.

        Raises:
            StateError: a state failed.
        """
        name: str | None = self._first
        count = 0
        while name is not None:
            state = self._states.get(name)
            if state is None:
                raise EvaluationError(RUNTIME, f"There is no state '{name}'")
            run.enter(name)
            run.record(state.entered, name=name, input=data)
            try:
                data, name = await state.run(data, run)
            except StateError as error:
                error.at(state.name)
                raise
            run.record(state.exited, name=state.name, output=data)
            count += 1
            if count % _STATES_AT_A_TIME == 0:
                await asyncio.sleep(0)
        return data


def _state(name: str, definition: Definition) -> State:
    kind = definition.get("Type", "")
    if kind in _SIMPLE:
        return _SIMPLE[kind](name, definition)
    if kind in _NESTED:
        return _NESTED[kind](name, definition, lambda branch: _States(branch).run)
    raise EvaluationError(RUNTIME, f"The state '{name}' has an unknown type: {kind}")


class Machine:
    """A compiled state machine.

    Args:
        definition: in Amazon States Language.

    Raises:
        UnsupportedError: ministack has to run it: it uses JSONata, variables, or a distributed map.
        EvaluationError: the definition is invalid.
    """

    def __init__(self, definition: Definition) -> None:
        if definition.get("QueryLanguage", "JSONPath") != "JSONPath":
            raise UnsupportedError(definition["QueryLanguage"])
        self._states = _States(definition)
        seconds = definition.get("TimeoutSeconds", EXPRESS_SECONDS)
        self._seconds = min(whole_seconds(seconds, "TimeoutSeconds"), EXPRESS_SECONDS)

    async def run(
        self, given: Any, context: dict[str, Any], environment: Environment, size: float = UNKNOWN
    ) -> Any:
        """Runs the machine and returns its output.

        Args:
            given: the input.
            context: the context object, but for `State`.
            environment: what it runs in.
            size: of the input, in bytes of JSON, if it is known.

        Raises:
            ExecutionTimeoutError: it took longer than it may.
            StateError: it failed.
        """
        try:
            async with asyncio.timeout(self._seconds):
                return await self._states.run(given, frame(environment, context, size))
        except TimeoutError:
            raise ExecutionTimeoutError(self._seconds) from None


class ExecutionTimeoutError(StateError):
    """The execution took longer than it may."""

    def __init__(self, seconds: int) -> None:
        super().__init__(TIMEOUT, f"The execution did not end within {seconds} seconds")


@lru_cache(maxsize=64)
def machine(definition: str) -> Machine:
    """Compiles a definition once.

    Raises:
        UnsupportedError: ministack has to run it.
        EvaluationError: the definition is invalid.
    """
    try:
        return Machine(json.loads(definition))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise EvaluationError(RUNTIME, f"Invalid state machine definition: {error!r}") from error
