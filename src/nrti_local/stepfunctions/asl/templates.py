"""Payload templates: Parameters, ItemSelector and ResultSelector."""

from __future__ import annotations

from collections import Counter
from typing import Any

from nrti_local.stepfunctions.asl import intrinsics
from nrti_local.stepfunctions.asl.errors import RUNTIME, EvaluationError
from nrti_local.stepfunctions.asl.limits import UNKNOWN, serialize, size
from nrti_local.stepfunctions.asl.paths import Path, PathError, Read, path

#: Marks the fields that a path or an intrinsic function fills in.
_MARK = ".$"
#: How much of the input an error quotes, in characters.
_QUOTED = 1_000


def expression(text: Any, field: str) -> Read:
    """Compiles a path or an intrinsic function.

    Args:
        text: of the expression.
        field: that holds it, for errors.

    Raises:
        EvaluationError: the text is neither.
    """
    if not isinstance(text, str):
        raise EvaluationError(RUNTIME, f"The value of the field '{field}' must be a JSONPath or a function")
    found = path(text).read if text.startswith("$") else intrinsics.function(text)

    def read(data: Any, context: Any) -> Any:
        try:
            return found(data, context)
        except PathError as error:
            raise EvaluationError(
                RUNTIME,
                f"The JSONPath '{error}' specified for the field '{field}' could not be found in the input "
                f"'{serialize(data)[:_QUOTED]}'",
            ) from None

    return read


class Template:
    """A compiled payload template.

    Args:
        template: as in the definition.

    Raises:
        EvaluationError: a field that ends in `.$` holds neither a path nor an intrinsic function.
    """

    def __init__(self, template: Any) -> None:
        self._paths: list[Path] = []
        self._has_functions = False
        self._evaluate = self._compile(template)
        self._own_size = size(template)
        self._data_factor = _overlaps(found for found in self._paths if not found.of_context)
        self._context_factor = _overlaps(found for found in self._paths if found.of_context)

    def evaluate(self, data: Any, context: Any) -> Any:
        """Fills the template in.

        Raises:
            EvaluationError: a path leads to no value, or a function fails.
        """
        return self._evaluate(data, context)

    def bound(self, data: float, context: float) -> float:
        """An upper bound of the size of the result, from bounds of what the template reads."""
        if self._has_functions:
            return UNKNOWN
        of_data = self._data_factor * data if self._data_factor else 0
        of_context = self._context_factor * context if self._context_factor else 0
        return self._own_size + of_data + of_context

    def _compile(self, template: Any) -> Read:
        if isinstance(template, dict):
            return self._compile_object(template)
        if isinstance(template, list):
            items = [self._compile(item) for item in template]
            return lambda data, context: [item(data, context) for item in items]
        return lambda _data, _context: template

    def _compile_object(self, template: dict[str, Any]) -> Read:
        if not any(map(_is_dynamic, template.items())):
            return lambda _data, _context: template
        members = [self._compile_member(name, value) for name, value in template.items()]
        return lambda data, context: {name: read(data, context) for name, read in members}

    def _compile_member(self, name: str, value: Any) -> tuple[str, Read]:
        if not name.endswith(_MARK):
            return name, self._compile(value)
        read = expression(value, name)
        if value.startswith("$"):
            self._paths.append(path(value))
        else:
            self._has_functions = True
        return name.removesuffix(_MARK), read


def _is_dynamic(member: tuple[str, Any]) -> bool:
    name, value = member
    if name.endswith(_MARK):
        return True
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return any(_is_dynamic((str(part), inner)) for part, inner in parts)


def _overlaps(found: Any) -> float:
    """How often at most a template copies the same part of a document."""
    paths = list(found)
    if any(each.steps is None for each in paths):
        return UNKNOWN
    counts = Counter(each.steps for each in paths)
    return max(
        (sum(counts[steps[:length]] for length in range(len(steps) + 1)) for steps in counts), default=0
    )
