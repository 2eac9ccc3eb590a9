"""The rules of a Choice state. Comparisons are strict: a value of another type never matches."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

from nrti_local.stepfunctions.asl import timestamps
from nrti_local.stepfunctions.asl.errors import RUNTIME, EvaluationError
from nrti_local.stepfunctions.asl.paths import Path, PathError, path

#: From the data and the context object to whether the rule matches.
Rule = Callable[[Any, Any], bool]
#: From a value to what is compared, or None if the value is of another type.
Typed = Callable[[Any], Any]

_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_NOT_FIELDS = {"Comment", "Next", "Variable"}


def rule(definition: dict[str, Any]) -> Rule:
    """Compiles a rule, which may combine others.

    Raises:
        EvaluationError: it is not a rule.
    """
    names = sorted(set(definition) - _NOT_FIELDS)
    if len(names) != 1:
        raise EvaluationError(RUNTIME, f"A choice rule must have one operator, not {names}")
    name, operand = names[0], definition[names[0]]
    if name == "Not":
        inner = rule(operand)
        return lambda data, context: not inner(data, context)
    if name in _COMBINATIONS:
        rules, combine = [rule(each) for each in operand], _COMBINATIONS[name]
        return lambda data, context: combine(each(data, context) for each in rules)
    variable = path(definition.get("Variable", ""))
    if name == "IsPresent":
        return lambda data, context: variable.is_present(data, context) is operand
    return _comparison(variable, name, operand)


def _comparison(variable: Path, name: str, operand: Any) -> Rule:
    if name in _KINDS:
        test = _KINDS[name]
        return lambda data, context: test(_value(variable, data, context)) is operand
    if name == "StringMatches":
        matches = _matches(operand)
        return lambda data, context: matches(_value(variable, data, context))
    compare = _COMPARISONS.get(name.removesuffix("Path"))
    if compare is None:
        raise EvaluationError(RUNTIME, f"Unknown operator '{name}' in a choice rule")
    if not name.endswith("Path"):
        return lambda data, context: compare(_value(variable, data, context), operand)
    other = path(operand)
    return lambda data, context: compare(_value(variable, data, context), _value(other, data, context))


def _value(variable: Path, data: Any, context: Any) -> Any:
    try:
        return variable.read(data, context)
    except PathError as error:
        raise EvaluationError(
            RUNTIME, f"Invalid path '{error}': The choice state's condition path references an invalid value."
        ) from None


def _matches(pattern: str) -> Callable[[Any], bool]:
    r"""A test by a pattern in which `*` matches any characters; `\*` and `\\` stand for themselves."""
    parts = [""]
    for part in re.findall(r"\\[*\\]|.", pattern, re.DOTALL):
        if part == "*":
            parts.append("")
        else:
            parts[-1] += part[-1]
    first, *middle = parts
    if not middle:
        return lambda value: value == first
    last = middle.pop()
    return lambda value: isinstance(value, str) and _fits(value, first, middle, last)


def _fits(value: str, first: str, middle: list[str], last: str) -> bool:
    """Whether a text has the parts in their order; each is sought once, however many there are."""
    position = len(first)
    if not value.startswith(first):
        return False
    for part in middle:
        found = value.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return len(value) - position >= len(last) and value.endswith(last)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _compare(typed: Typed, relation: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        first, second = typed(left), typed(right)
        return first is not None and second is not None and relation(first, second)

    return compare


def _comparisons() -> Iterator[tuple[str, Callable[[Any, Any], bool]]]:
    for kind, typed in (("String", _text), ("Numeric", _number), ("Timestamp", timestamps.parse)):
        for name, relation in _RELATIONS.items():
            yield kind + name, _compare(typed, relation)
    yield "BooleanEquals", _compare(_boolean, operator.eq)


_COMBINATIONS: dict[str, Callable[[Iterator[bool]], bool]] = {"And": all, "Or": any}
_COMPARISONS = dict(_comparisons())
_KINDS: dict[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsString": lambda value: isinstance(value, str),
    "IsNumeric": lambda value: _number(value) is not None,
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: timestamps.parse(value) is not None,
}
