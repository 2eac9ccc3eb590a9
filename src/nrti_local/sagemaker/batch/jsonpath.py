"""The subset of JSONPath in batch transform's filters: members, positions, slices and `*`.

See https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

Filter = Callable[[Any], Any]
_STEP = re.compile(
    r"""\.(?P<member>\w[\w-]*) | (?P<all>\.\*|\[\*\]) | \[(?P<slice>-?\d*:-?\d*)\]
    | \[(?P<positions>-?\d+(?:\s*,\s*-?\d+)*)\] | \[(?P<members>'[^']+'(?:\s*,\s*'[^']+')*)\]""",
    re.VERBOSE,
)


class FilterError(ValueError):
    """An expression is not valid, or does not match a record."""


@lru_cache(maxsize=64)
def compiled(expression: str) -> Filter:
    """Compiles an expression into a function that selects a part of a record.

    Several members give an object; several positions, slices and `*` give a list.

    Raises:
        FilterError: the expression is not valid.
    """
    if not expression.startswith("$"):
        raise FilterError(f"{expression} does not begin with $")
    steps: list[Filter] = []
    position = 1
    while position < len(expression):
        found = _STEP.match(expression, position)
        if found is None:
            raise FilterError(f"{expression} cannot be read from its character {position + 1} on")
        steps.append(_step(found))
        position = found.end()
    return lambda value: _taken(steps, value, expression)


def _taken(steps: list[Filter], value: Any, expression: str) -> Any:
    for step in steps:
        try:
            value = step(value)
        except (KeyError, IndexError, TypeError) as error:
            raise FilterError(f"{expression} finds nothing in a record") from error
    return value


def _step(found: re.Match[str]) -> Filter:
    text = found[str(found.lastgroup)]
    match found.lastgroup:
        case "member":
            return lambda value: value[text]
        case "members":
            return _members(re.findall(r"'([^']+)'", text))
        case "positions":
            return _positions([int(number) for number in text.split(",")])
        case "slice":
            return _slice(*(int(number) if number else None for number in text.split(":")))
        case _:
            return lambda value: list(value.values()) if isinstance(value, dict) else value[:]


def _members(names: list[str]) -> Filter:
    if len(names) == 1:
        return lambda value: value[names[0]]
    return lambda value: {name: value[name] for name in names}


def _positions(numbers: list[int]) -> Filter:
    if len(numbers) == 1:
        return lambda value: _list(value)[numbers[0]]
    return lambda value: [_list(value)[number] for number in numbers]


def _slice(start: int | None, end: int | None) -> Filter:
    return lambda value: _list(value)[start:end]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value
