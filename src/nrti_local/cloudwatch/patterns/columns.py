"""Patterns for messages of columns, such as `[ip, user, ..., status = 4* || status = 500, bytes > 1000]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nrti_local.cloudwatch.patterns.conditions import MISSING, ColumnText, Condition, Parser
from nrti_local.cloudwatch.patterns.pattern import InvalidPatternError

_NAME = re.compile(r"\w+")
#: A text in quotes or in square brackets is one column.
_COLUMN = re.compile(r'"(?P<quoted>[^"]*)"|\[(?P<bracketed>[^\]]*)\]|(?P<plain>\S+)')
_ELLIPSES = {"...", "…"}


@dataclass(frozen=True)
class _Column:
    """A column of a pattern: its name and its condition, or an ellipsis for any number of columns."""

    name: str = ""
    holds: Condition | None = None
    ellipsis: bool = False


class Columns:
    """Matches messages by their columns, which spaces separate.

    Args:
        text: the pattern with its square brackets.

    Raises:
        InvalidPatternError: it is malformed.
    """

    def __init__(self, text: str) -> None:
        if not text.endswith("]"):
            raise InvalidPatternError("If a filter pattern starts with '[' it must end with ']'")
        self._columns = _read(Parser(text[1:-1], _NAME))
        if sum(column.ellipsis for column in self._columns) > 1:
            raise InvalidPatternError("Invalid filter pattern: more than one ellipsis")

    def extracted(self, message: str) -> Mapping[str, str] | None:
        """The columns by `$` and name, or number, if the message matches."""
        pairs = self._paired(message)
        if pairs is None or not all(_holds(column, text) for column, text in pairs):
            return None
        return {f"${column.name or place}": text for place, (column, text) in enumerate(pairs, 1)}

    def value(self, message: str, selector: str) -> object:
        """The text of a column."""
        return (self.extracted(message) or {}).get(selector)

    def _paired(self, message: str) -> list[tuple[_Column, str]] | None:
        """The columns of a message with those of the pattern; None if their numbers differ."""
        texts = [found[found.lastgroup or 0] for found in _COLUMN.finditer(message)]
        columns = list(self._columns)
        more = len(texts) - len(columns)
        place = next((place for place, column in enumerate(columns) if column.ellipsis), None)
        if place is not None:
            columns[place : place + 1] = [_Column()] * max(more + 1, 0)
        return list(zip(columns, texts, strict=True)) if len(columns) == len(texts) else None


def _holds(column: _Column, text: str) -> bool:
    if column.holds is None:
        return True
    value = ColumnText(text)
    return column.holds(lambda name: value if name == column.name else MISSING)


def _read(parser: Parser) -> list[_Column]:
    found = [_column(parser)]
    while parser.take(","):
        found.append(_column(parser))
    if parser.next.kind != "end":
        raise InvalidPatternError(f"Invalid filter pattern: at '{parser.next.text}'")
    return found


def _column(parser: Parser) -> _Column:
    if parser.ends():
        return _Column()
    if parser.ends(after=1):
        text = parser.word().text
        return _Column(ellipsis=True) if text in _ELLIPSES else _Column(_name(text))
    first = len(parser.names)
    condition = parser.any_of()
    names = set(parser.names[first:])
    if len(names) != 1:
        raise InvalidPatternError("Invalid filter pattern: a column has conditions on one name")
    return _Column(names.pop(), condition)


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise InvalidPatternError(f"Invalid character(s) in term '{text}'")
    return text
