"""Patterns for messages in JSON, such as `{ $.status = 429 && $.path = "/events*" }`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from nrti_local.cloudwatch.patterns.conditions import MISSING, Parser
from nrti_local.cloudwatch.patterns.pattern import InvalidPatternError

_SELECTOR = re.compile(r"\$(?:\.[\w-]+|\[\d+\])+", re.ASCII)
_STEP = re.compile(r"\.(?P<member>[\w-]+)|\[(?P<index>\d+)\]")


class JsonFields:
    """Matches messages that are JSON objects by conditions on their members.

    Args:
        text: the pattern with its braces.

    Raises:
        InvalidPatternError: it is malformed.
    """

    def __init__(self, text: str) -> None:
        if not text.endswith("}"):
            raise InvalidPatternError("If a filter pattern starts with '{' it must end with '}'")
        parser = Parser(text[1:-1], _SELECTOR)
        self._holds = parser.any_of()
        if parser.next.kind != "end":
            raise InvalidPatternError(f"Invalid filter pattern: at '{parser.next.text}'")
        self._names = parser.names

    def extracted(self, message: str) -> Mapping[str, str] | None:
        """The members that the pattern names, if the message matches."""
        content = _content(message)
        if content is None or not self._holds(lambda name: _select(content, name)):
            return None
        found = {name: _select(content, name) for name in self._names}
        return {name: _written(value) for name, value in found.items() if value is not MISSING}

    def value(self, message: str, selector: str) -> object:
        """A member of a message."""
        found = _select(_content(message), selector) if _SELECTOR.fullmatch(selector) else MISSING
        return None if found is MISSING else found


def _content(message: str) -> dict[str, object] | None:
    try:
        content = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _select(content: object, selector: str) -> object:
    for step in _STEP.finditer(selector):
        if isinstance(content, dict) and step["member"] in content:
            content = content[step["member"]]
        elif isinstance(content, list) and step["index"] and int(step["index"]) < len(content):
            content = content[int(step["index"])]
        else:
            return MISSING
    return content


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
