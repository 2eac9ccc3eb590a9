"""JSONPath as Step Functions evaluates it.

A definite path, such as `$.a['b'][0]`, has one value; it is an error if the value is missing. Other paths
(wildcards, slices, filters, `..`) have a list of values, which may be empty. A path that begins with `$$`
reads the context object.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from nrti_local.stepfunctions.asl.errors import RESULT_PATH_MATCH_FAILURE, RUNTIME, EvaluationError

Step = str | int
#: From the data and the context object to a value.
Read = Callable[[Any, Any], Any]

_STEP = re.compile(
    r"""\.(?P<name>[\w-]+)
      | \[\s*(?P<index>-?\d+)\s*\]
      | \[\s*(?P<quote>['"])(?P<quoted>(?:[^'"\\]|\\.|(?!(?P=quote))['"])*)(?P=quote)\s*\]""",
    re.VERBOSE,
)
#: The function at the end of a path that counts the items of an array, or the members of an object.
_LENGTH = ".length()"
#: In a name in quotes; the other kind of quote keeps its backslash.
_ESCAPES = {quote: re.compile(rf"\\([\\{quote}])") for quote in "'\""}
#: A dot before a bracket, outside of quotes, which may be left out: `$.a.['b']` is `$.a['b']`.
_DOT = re.compile(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<!\.)\.(?=\[)""")
#: A member at any depth, outside of quotes: the library takes `..in` and `..missing` for operators.
_DESCENDANT = re.compile(r"""('[^']*'|"[^"]*")|\.\.([\w-]+)""")


class PathError(LookupError):
    """A definite path leads to no value; its text is the argument."""


class Path:
    """A parsed path.

    Attributes:
        text: as in the definition.
        of_context: whether it reads the context object.
        steps: of a definite path, the member names and indexes; None of other paths.
        is_length: whether the value is the length of what the steps lead to.

    Raises:
        EvaluationError: the text is not a JSONPath.
    """

    def __init__(self, text: str) -> None:
        if not isinstance(text, str) or not text.startswith("$"):
            raise EvaluationError(RUNTIME, f"Invalid path '{text}': a JSONPath begins with '$'")
        self.text = text
        self.of_context = text.startswith("$$")
        query = text[1:] if self.of_context else text
        self.is_length = query.endswith(_LENGTH)
        query = _DOT.sub(lambda part: part[1] or "", query.removesuffix(_LENGTH))
        self.steps = _definite_steps(query)
        self._values = None if self.steps is not None else _values(query, text)

    def read(self, data: Any, context: Any) -> Any:
        """Returns the value, or the list of values of a path that is not definite.

        Raises:
            PathError: a definite path leads to no value.
        """
        at = context if self.of_context else data
        if self.is_length:
            return self._length(at)
        return self._values(at) if self._values else self._value(at)

    def _length(self, at: Any) -> int:
        found = self._values(at) if self._values else self._value(at)
        if not isinstance(found, list | dict):
            raise PathError(self.text)
        return len(found)

    def _value(self, at: Any) -> Any:
        try:
            for step in self.steps or ():
                if type(step) is int and type(at) is not list:
                    raise PathError(self.text)
                at = at[step]
        except (KeyError, IndexError, TypeError):
            raise PathError(self.text) from None
        return at

    def is_present(self, data: Any, context: Any) -> bool:
        """Whether the path leads to a value."""
        try:
            found = self.read(data, context)
        except PathError:
            return False
        return bool(found) if self._values and not self.is_length else True


@lru_cache(maxsize=4096)
def path(text: str) -> Path:
    """Parses a path once."""
    return Path(text)


def _definite_steps(query: str) -> tuple[Step, ...] | None:
    steps: list[Step] = []
    position = 1
    while position < len(query):
        step = _STEP.match(query, position)
        if step is None:
            return None
        position = step.end()
        if step["name"] is not None:
            steps.append(step["name"])
        elif step["index"] is not None:
            steps.append(int(step["index"]))
        else:
            steps.append(_ESCAPES[step["quote"]].sub(r"\1", step["quoted"]))
    return tuple(steps)


def _values(query: str, text: str) -> Callable[[Any], list[Any]]:
    import jsonpath  # only a path that is not definite needs it

    try:
        quoted = _DESCENDANT.sub(lambda part: part[1] or f"..['{part[2]}']", query)
        parsed = jsonpath.compile(quoted)
    except jsonpath.JSONPathError as error:
        reason = str(error).partition("\n")[0]
        raise EvaluationError(RUNTIME, f"Invalid path '{text}': {reason}") from error
    if not isinstance(parsed, jsonpath.JSONPath):  # a union of paths, which Step Functions does not know
        raise EvaluationError(RUNTIME, f"Invalid path '{text}'")
    find: Callable[[Any], list[Any]] = parsed.findall
    return find


def reference(text: str) -> Path:
    """Parses a reference path, which names one node.

    Raises:
        EvaluationError: the path may name several nodes.
    """
    parsed = path(text)
    if parsed.steps is None or parsed.of_context or parsed.is_length:
        raise EvaluationError(RUNTIME, f"Invalid path '{text}': a reference path names one node of the input")
    return parsed


def place(at: Path, original: Any, value: Any) -> Any:
    """Returns the original with a value put where a reference path leads; members on the way are made.

    The original is not changed; what the path does not touch is shared with it.

    Raises:
        EvaluationError: the path leads through something that is not an object.
    """
    return _placed(at, at.steps or (), original, value)


def placed_bytes(at: Path) -> int:
    """How many bytes of JSON `place` adds at most, beside the value."""
    return sum(len(str(step).encode()) * 2 + len('"":{},') for step in at.steps or ())


def _placed(at: Path, steps: tuple[Step, ...], original: Any, value: Any) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, str) and isinstance(original, dict):
        return {**original, step: _placed(at, rest, original.get(step, {}) if rest else None, value)}
    if isinstance(step, int) and isinstance(original, list) and -len(original) <= step < len(original):
        copy = list(original)
        copy[step] = _placed(at, rest, original[step], value)
        return copy
    raise EvaluationError(
        RESULT_PATH_MATCH_FAILURE, f"Unable to apply step '{step}' of the ResultPath '{at.text}' to the input"
    )
