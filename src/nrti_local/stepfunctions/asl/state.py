"""The base of all states: input and output processing, and transitions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from nrti_local.stepfunctions.asl.context import Frame
from nrti_local.stepfunctions.asl.errors import RUNTIME, EvaluationError
from nrti_local.stepfunctions.asl.limits import check
from nrti_local.stepfunctions.asl.paths import Path, PathError, path, place, placed_bytes, reference
from nrti_local.stepfunctions.asl.templates import Template

#: The output of a state, and the name of the next state; None ends the run.
Step = tuple[Any, str | None]
Definition = dict[str, Any]

#: Fields of JSONata, of variables and of distributed maps, which ministack knows.
_FOREIGN = {"Arguments", "Output", "Assign", "ItemReader", "ItemBatcher", "ResultWriter"}


class UnsupportedError(Exception):
    """The definition uses a part of the language that this interpreter leaves to ministack."""


class State(ABC):
    """A compiled state.

    Args:
        name: of the state.
        definition: of the state.

    Attributes:
        name: as given.
        kind: such as `Task`.
        entered: the kind of the event that it begins.
        exited: that it ends.
        next: the name of the state that follows; None ends the run.

    Raises:
        UnsupportedError: the definition is not for this interpreter.
        EvaluationError: the definition is invalid.
    """

    def __init__(self, name: str, definition: Definition) -> None:
        if _FOREIGN & definition.keys() or definition.get("QueryLanguage", "JSONPath") != "JSONPath":
            raise UnsupportedError(name)
        self.name = name
        self.kind: str = definition["Type"]
        self.entered, self.exited = f"{self.kind}StateEntered", f"{self.kind}StateExited"
        self.next: str | None = None if definition.get("End") else definition.get("Next")
        self._input_path = _path(definition, "InputPath")
        self._output_path = _path(definition, "OutputPath")

    @abstractmethod
    async def run(self, data: Any, frame: Frame) -> Step:
        """Runs the state.

        Args:
            data: its raw input, which is never changed in place.
            frame: the run that it is part of.

        Raises:
            StateError: it failed.
        """

    def effective_input(self, data: Any, frame: Frame) -> Any:
        """Applies InputPath."""
        return _selected(self._input_path, "InputPath", data, frame)

    def output(self, data: Any, frame: Frame) -> Any:
        """Applies OutputPath, and checks the size."""
        found = _selected(self._output_path, "OutputPath", data, frame)
        frame.size = check(found, frame.size, "output of the state")
        return found


class ResultState(State):
    """A state with a result of its own, which ResultPath puts into its input."""

    def __init__(self, name: str, definition: Definition, parameters: str = "Parameters") -> None:
        super().__init__(name, definition)
        self._parameters = _template(definition, parameters)
        self._selector = _template(definition, "ResultSelector")
        text = definition.get("ResultPath", "$")
        self._result_path = None if text is None else reference(text)

    def arguments(self, effective: Any, frame: Frame) -> Any:
        """Applies Parameters to the effective input, and checks the size."""
        if self._parameters is None:
            return effective
        made = self._parameters.evaluate(effective, frame.context)
        check(made, self._parameters.bound(frame.size, frame.context_size), "input of the state")
        return made

    def merged(self, data: Any, result: Any, size: float, frame: Frame) -> Any:
        """Applies ResultSelector, ResultPath and OutputPath.

        Args:
            data: the raw input of the state.
            result: of the state.
            size: an upper bound of the result's.
            frame: the run.
        """
        bound = check(result, size, "result of the state")
        if self._selector:
            result = self._selector.evaluate(result, frame.context)
            bound = check(result, self._selector.bound(bound, frame.context_size), "result of the state")
        if self._result_path is None:
            return self.output(data, frame)
        if not self._result_path.steps:
            frame.size = bound
            return self.output(result, frame)
        frame.size += bound + placed_bytes(self._result_path)
        return self.output(place(self._result_path, data, result), frame)


def _path(definition: Definition, field: str) -> Path | None:
    text = definition.get(field, "$")
    return None if text is None else path(text)


def _template(definition: Definition, field: str) -> Template | None:
    return Template(definition[field]) if field in definition else None


def _selected(at: Path | None, field: str, data: Any, frame: Frame) -> Any:
    if at is None:
        return {}
    if at.steps == () and not (at.of_context or at.is_length):
        return data
    if at.of_context:
        frame.size = max(frame.size, frame.context_size)
    return read(at, field, data, frame)


def read(at: Path, field: str, data: Any, frame: Frame) -> Any:
    """Returns what a field's path leads to.

    Raises:
        EvaluationError: nothing.
    """
    try:
        return at.read(data, frame.context)
    except PathError:
        raise EvaluationError(
            RUNTIME, f"Invalid path '{at.text}': the {field} does not lead to a value"
        ) from None


def whole_seconds(value: Any, field: str) -> int:
    """Checks a number of seconds.

    Raises:
        EvaluationError: the value is not a number of seconds.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != int(value):
        raise EvaluationError(RUNTIME, f"The {field} must be a whole number of seconds, not {value!r}")
    return int(value)
