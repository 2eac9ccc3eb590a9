"""The key condition of a Query: the hash key, and the range of its range keys."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from nrti_local.ministack.entry import Request

#: A table as ministack has it.
Table = Mapping[str, Any]
#: The conditions of a range key: operators with their operands.
Clauses = list[tuple[str, list[str]]]
_NAME, _VALUE = r"(#\w+|[A-Za-z]\w*)", r"(:\w+)"
#: A condition of a key, and what follows it: another one, or the end.
_CLAUSE = re.compile(
    rf"\s*(\()?\s*(?:{_NAME}\s*(<=|>=|=|<|>)\s*{_VALUE}"
    rf"|{_NAME}\s+((?i:between))\s+{_VALUE}\s+(?i:and)\s+{_VALUE}"
    rf"|(begins_with)\s*\(\s*{_NAME}\s*,\s*{_VALUE}\s*\))\s*(?(1)\))\s*((?i:and)\b|$)"
)
#: Where the keys that match a condition begin and end among all sorted keys, by the condition's operator.
_BOUNDS: dict[str, Callable[[Sequence[str], list[str]], tuple[int, int]]] = {
    "=": lambda keys, of: (bisect_left(keys, of[0]), bisect_right(keys, of[0])),
    "<": lambda keys, of: (0, bisect_left(keys, of[0])),
    "<=": lambda keys, of: (0, bisect_right(keys, of[0])),
    ">": lambda keys, of: (bisect_right(keys, of[0]), len(keys)),
    ">=": lambda keys, of: (bisect_left(keys, of[0]), len(keys)),
    "between": lambda keys, of: (bisect_left(keys, of[0]), bisect_right(keys, of[1])),
    "begins_with": lambda keys, of: (
        bisect_left(keys, of[0]),
        bisect_right(keys, of[0], key=lambda key: key[: len(of[0])]),
    ),
}


class UnusualError(Exception):
    """A request that needs all items: it uses an index, has a number as range key, or is wrong."""


def parse(table: Table, request: Request) -> tuple[str, Clauses]:
    """The hash key, and the conditions of the range key.

    Raises:
        UnusualError: the condition is not one of a hash key and a range key that is a string.
    """
    condition = request.get("KeyConditionExpression")
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    if not (isinstance(condition, str) and isinstance(names, dict) and isinstance(values, dict)):
        raise UnusualError
    if {"AttributeName": table["sk_name"], "AttributeType": "S"} not in table["AttributeDefinitions"]:
        raise UnusualError
    hash_key, clauses = None, Clauses()
    for name, operator, operands in _clauses(condition):
        texts = [text(values.get(operand)) for operand in operands]
        if names.get(name, name) == table["sk_name"]:
            clauses.append((operator, texts))
        elif names.get(name, name) == table["pk_name"] and operator == "=":
            hash_key = texts[0]
    if hash_key is None:
        raise UnusualError
    return hash_key, clauses


def _clauses(condition: str) -> Iterator[tuple[str, str, list[str]]]:
    """The conditions of an expression: the name of the key, the operator, and the names of the operands."""
    begin, more = 0, True
    while more:
        found = _CLAUSE.match(condition, begin)
        if found is None:
            raise UnusualError
        begin, more = found.end(), bool(found.groups()[-1])
        parts = [part for part in found.groups()[1:-1] if part]
        names = [part for part in parts if part[0] != ":" and part.lower() not in _BOUNDS]
        (operator,) = (part.lower() for part in parts if part.lower() in _BOUNDS)
        yield names[0], operator, [part for part in parts if part[0] == ":"]


def text(value: Any) -> str:
    """The content of a key's value: a string, a number or binary data, which are strings in JSON.

    Raises:
        UnusualError: it is another value.
    """
    if isinstance(value, dict) and len(value) == 1:
        ((kind, content),) = value.items()
        if kind in {"S", "N", "B"} and isinstance(content, str):
            return content
    raise UnusualError


def matching(keys: Sequence[str], clauses: Clauses) -> tuple[int, int]:
    """Where the keys that match all conditions begin and end among sorted keys."""
    first, last = 0, len(keys)
    for operator, operands in clauses:
        begin, end = _BOUNDS[operator](keys, operands)
        first, last = max(first, begin), min(last, end)
    return first, last
