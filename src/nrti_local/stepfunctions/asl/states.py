"""The states without calls: Pass, Choice, Wait, Succeed and Fail."""

from __future__ import annotations

import asyncio
from typing import Any

from nrti_local.server.shared.times import now
from nrti_local.stepfunctions.asl import timestamps
from nrti_local.stepfunctions.asl.choice import rule
from nrti_local.stepfunctions.asl.context import Frame
from nrti_local.stepfunctions.asl.errors import NO_CHOICE_MATCHED, RUNTIME, EvaluationError, StateError
from nrti_local.stepfunctions.asl.limits import size
from nrti_local.stepfunctions.asl.paths import path
from nrti_local.stepfunctions.asl.state import (
    Definition,
    ResultState,
    State,
    Step,
    UnsupportedError,
    read,
    whole_seconds,
)
from nrti_local.stepfunctions.asl.templates import expression


class Pass(ResultState):
    """Passes its input on, or a fixed result."""

    def __init__(self, name: str, definition: Definition) -> None:
        super().__init__(name, definition)
        self._result = definition.get("Result")
        self._result_size = size(self._result) if "Result" in definition else None

    async def run(self, data: Any, frame: Frame) -> Step:
        """Applies its fields."""
        effective = self.arguments(self.effective_input(data, frame), frame)
        if self._result_size is not None:
            return self.merged(data, self._result, self._result_size, frame), self.next
        bound = self._parameters.bound(frame.size, frame.context_size) if self._parameters else frame.size
        return self.merged(data, effective, bound, frame), self.next


class Choice(State):
    """Goes on by the first rule that matches."""

    def __init__(self, name: str, definition: Definition) -> None:
        super().__init__(name, definition)
        if any("Assign" in choice for choice in definition["Choices"]):
            raise UnsupportedError(name)
        self._rules = [(rule(choice), choice["Next"]) for choice in definition["Choices"]]
        self._default: str | None = definition.get("Default")

    async def run(self, data: Any, frame: Frame) -> Step:
        """Finds the next state."""
        effective = self.effective_input(data, frame)
        for matches, following in self._rules:
            if matches(effective, frame.context):
                return self.output(effective, frame), following
        if self._default is None:
            raise EvaluationError(NO_CHOICE_MATCHED, "No rule matched and there is no Default")
        return self.output(effective, frame), self._default


class Wait(State):
    """Waits for a number of seconds, or until a moment."""

    def __init__(self, name: str, definition: Definition) -> None:
        super().__init__(name, definition)
        fields = {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"} & definition.keys()
        if len(fields) != 1:
            raise EvaluationError(RUNTIME, f"A Wait state needs one of its fields, not {sorted(fields)}")
        self._field = fields.pop()
        self._value = definition[self._field]
        self._path = path(self._value) if self._field.endswith("Path") else None

    async def run(self, data: Any, frame: Frame) -> Step:
        """Waits; other executions go on meanwhile."""
        effective = self.effective_input(data, frame)
        value = read(self._path, self._field, effective, frame) if self._path else self._value
        seconds = self._until(value) if "Timestamp" in self._field else whole_seconds(value, self._field)
        async with frame.environment.paused():
            await asyncio.sleep(seconds)
        return self.output(effective, frame), self.next

    def _until(self, value: Any) -> float:
        moment = timestamps.parse(value)
        if moment is None:
            raise EvaluationError(
                RUNTIME, f"The {self._field} must be a timestamp of RFC 3339, not {value!r}"
            )
        return max(0.0, (moment - now()).total_seconds())


class Succeed(State):
    """Ends the run."""

    async def run(self, data: Any, frame: Frame) -> Step:
        """Returns the output of the run."""
        return self.output(self.effective_input(data, frame), frame), None


class Fail(State):
    """Fails the run with an error of the definition's."""

    def __init__(self, name: str, definition: Definition) -> None:
        super().__init__(name, definition)
        self._fields = [
            (definition.get(field, ""), expression(definition[f"{field}Path"], f"{field}Path"))
            if f"{field}Path" in definition
            else (definition.get(field, ""), None)
            for field in ("Error", "Cause")
        ]

    async def run(self, data: Any, frame: Frame) -> Step:
        """Raises the error."""
        error, cause = (_text(at(data, frame.context)) if at else fixed for fixed, at in self._fields)
        raise StateError(error, cause)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise EvaluationError(RUNTIME, f"ErrorPath and CausePath must lead to a string, not {value!r}")
    return value
