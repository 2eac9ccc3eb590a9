"""Refuses update expressions that change one attribute twice; ministack executes the last change of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations

from nrti_local.ministack.answers import invalid
from nrti_local.ministack.entry import Request
from nrti_local.server.asgi import Answer

#: A section's keyword; names that need a placeholder, such as `set`, cannot stand in an expression.
_SECTION = re.compile(r"(?<![#:.\w])(SET|REMOVE|ADD|DELETE)(?!\w)", re.IGNORECASE)
_OPERANDS = re.compile(r"\([^()]*\)")
_PATH = re.compile(r"\s*[#\w]+(?:\s*\.\s*[#\w]+|\s*\[\s*\d+\s*\])*")
_STEP = re.compile(r"[#\w]+|\[\s*\d+\s*\]")
_DETECTED = "1 validation error detected: Invalid UpdateExpression: "
_ADVICE = "must remove or rewrite one of these paths"

#: The names and the positions, in brackets, that lead to a value.
Path = tuple[str, ...]


def check(request: Request) -> Answer | None:
    """Returns the error for an UpdateItem whose expression changes something twice.

    Raises:
        TypeError: the request is wrong in another way, as with AttributeError.
    """
    expression = request.get("UpdateExpression")
    fault = _fault(expression, request.get("ExpressionAttributeNames") or {}) if expression else ""
    return invalid(f"{_DETECTED}{fault}") if fault else None


def check_transaction(request: Request) -> Answer | None:
    """Returns the error for a TransactWriteItems with such an update."""
    updates = (item["Update"] for item in request["TransactItems"] if "Update" in item)
    return next(filter(None, map(check, updates)), None)


def _fault(expression: str, names: Mapping[str, str]) -> str:
    keywords = [found.upper() for found in _SECTION.findall(expression)]
    for keyword in keywords:
        if keywords.count(keyword) > 1:
            return f'The "{keyword}" section can only be used once in an update expression;'
    for one, two in combinations(_paths(expression, names), 2):
        shorter = min(len(one), len(two))
        if one[:shorter] == two[:shorter]:
            return f"Two document paths overlap with each other; {_ADVICE}; {_shown(one, two)}"
    return ""


def _paths(expression: str, names: Mapping[str, str]) -> Iterator[Path]:
    """The paths that an expression changes."""
    bare, nested = expression, 1
    while nested:
        bare, nested = _OPERANDS.subn("", bare)
    for section in _SECTION.split(bare)[2::2]:
        for action in section.split(","):
            if found := _PATH.match(action):
                yield tuple(_step(step, names) for step in _STEP.findall(found[0]))


def _step(text: str, names: Mapping[str, str]) -> str:
    return "".join(text.split()) if text[0] == "[" else names.get(text, text)


def _shown(one: Path, two: Path) -> str:
    return f"path one: [{', '.join(one)}], path two: [{', '.join(two)}]"
