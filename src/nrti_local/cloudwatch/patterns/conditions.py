"""Conditions in filter patterns: comparisons, joined by `&&` and `||`, on values that a name selects."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nrti_local.cloudwatch.numbers import NUMBER
from nrti_local.cloudwatch.patterns import regexes
from nrti_local.cloudwatch.patterns.pattern import InvalidPatternError

#: A name that selects nothing in a message.
MISSING = object()
#: From a name to what it selects in a message, or MISSING.
Reader = Callable[[str], object]
Condition = Callable[[Reader], bool]

_TOKEN = re.compile(
    r"""\s*(?: (?P<quoted>"(?:[^"\\]|\\.)*") | (?P<regex>%(?:[^%\\]|\\.)+%)
      | (?P<sign>&&|\|\||<=|>=|!=|[=<>(),]) | (?P<word>[^\s"%=<>!&|(),]+) )""",
    re.VERBOSE | re.DOTALL,
)
#: A value without quotes.
_PLAIN = re.compile(r"[\w.*+-]+")
_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_COMPARISONS = {*_ORDER, "=", "!="}
#: Of one pattern, as on AWS.
_MOST_REGEXES = 2


class ColumnText(str):
    """A text that is a number too, if it looks like one."""

    __slots__ = ()


@dataclass(frozen=True)
class Token:
    """A part of a pattern: `quoted`, `regex`, `sign`, `word`, or `end`."""

    kind: str
    text: str


class Parser:
    """Reads conditions from a pattern.

    Args:
        text: without the brackets around it.
        name: what a name looks like here.

    Attributes:
        names: that it has read.
    """

    def __init__(self, text: str, name: re.Pattern[str]) -> None:
        self._tokens = _tokens(text)
        self._name = name
        self._position = 0
        self.names: list[str] = []

    @property
    def next(self) -> Token:
        """The token that is read next."""
        return self._tokens[self._position]

    def take(self, text: str) -> bool:
        """Reads a token if it is this one."""
        found = self.next.kind in {"sign", "word"} and self.next.text == text
        self._position += found
        return found

    def word(self) -> Token:
        """Reads a token, whatever it is."""
        token = self.next
        if token.kind == "end":
            raise InvalidPatternError("Invalid filter pattern")
        self._position += 1
        return token

    def ends(self, after: int = 0) -> bool:
        """Whether a column ends after so many tokens: at a comma, or with the pattern."""
        token = self._tokens[min(self._position + after, len(self._tokens) - 1)]
        return token.kind == "end" or (token.kind == "sign" and token.text == ",")

    def any_of(self) -> Condition:
        """Reads conditions that are joined by `||`, which binds less than `&&`."""
        found = [self._all_of()]
        while self.take("||"):
            found.append(self._all_of())
        return found[0] if len(found) == 1 else lambda read: any(each(read) for each in found)

    def _all_of(self) -> Condition:
        found = [self._one()]
        while self.take("&&"):
            found.append(self._one())
        return found[0] if len(found) == 1 else lambda read: all(each(read) for each in found)

    def _one(self) -> Condition:
        if self.take("("):
            inner = self.any_of()
            if not self.take(")"):
                raise InvalidPatternError("Invalid filter pattern: a parenthesis is not closed")
            return inner
        name = self.word()
        if name.kind != "word" or not self._name.fullmatch(name.text):
            raise InvalidPatternError(f"Invalid filter pattern: '{name.text}' is no property selector")
        self.names.append(name.text)
        return self._comparison(name.text)

    def _comparison(self, name: str) -> Condition:
        sign = self.word()
        if sign.kind == "word":
            test = _state(sign.text.upper(), self.word().text.upper())
        elif sign.text in _COMPARISONS:
            test = _comparing(sign.text, self.word())
        else:
            raise InvalidPatternError(f"Invalid filter pattern: '{sign.text}' after '{name}'")
        return lambda read: test(read(name))


def _tokens(text: str) -> list[Token]:
    found, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise InvalidPatternError(f"Invalid filter pattern: at '{text[position:].strip()[:20]}'")
        found.append(Token(match.lastgroup, match[match.lastgroup]))
        position = match.end()
    if sum(token.kind == "regex" for token in found) > _MOST_REGEXES:
        raise InvalidPatternError(f"A filter pattern has at most {_MOST_REGEXES} regular expressions")
    return [*found, Token("end", "")]


def _state(word: str, state: str) -> Callable[[object], bool]:
    """The test of `IS NULL`, `IS TRUE`, `IS FALSE` and `NOT EXISTS`."""
    states: dict[tuple[str, str], Callable[[object], bool]] = {
        ("IS", "NULL"): lambda value: value is None,
        ("IS", "TRUE"): lambda value: value is True,
        ("IS", "FALSE"): lambda value: value is False,
        ("NOT", "EXISTS"): lambda value: value is MISSING,
    }
    if (word, state) not in states:
        raise InvalidPatternError(f"Invalid filter pattern: '{word} {state}'")
    return states[word, state]


def _comparing(sign: str, wanted: Token) -> Callable[[object], bool]:
    """The test of a comparison. Only texts and numbers are compared: all else makes it false, `!=` too."""
    number = float(wanted.text) if wanted.kind == "word" and NUMBER.fullmatch(wanted.text) else None
    if sign in _ORDER:
        if number is None:
            raise InvalidPatternError(f"Invalid filter pattern: '{sign}' needs a number, not '{wanted.text}'")
        bound, compare = number, _ORDER[sign]
        return lambda value: (found := _number(value)) is not None and compare(found, bound)
    equals = _equals(wanted, number)
    if sign == "=":
        return lambda value: _is_scalar(value) and equals(value)
    return lambda value: _is_scalar(value) and not equals(value)


def _equals(wanted: Token, number: float | None) -> Callable[[object], bool]:
    if wanted.kind == "regex":
        expression = regexes.compiled(wanted.text)
        return lambda value: bool(expression.search(str(value)))
    if wanted.kind not in {"word", "quoted"} or (wanted.kind == "word" and not _PLAIN.fullmatch(wanted.text)):
        raise InvalidPatternError(f"Invalid character(s) in term '{wanted.text}'")
    matches = _with_asterisks(_text(wanted))

    def equals(value: object) -> bool:
        found = _number(value) if number is not None else None
        return matches(str(value)) if found is None else found == number

    return equals


def _text(wanted: Token) -> str:
    return wanted.text if wanted.kind == "word" else re.sub(r"\\(.)", r"\1", wanted.text[1:-1])


def _with_asterisks(text: str) -> Callable[[str], bool]:
    """Compares with a text in which an asterisk at an end stands for any text."""
    if text == "*":
        return lambda _: True
    before, after = text.startswith("*"), text.endswith("*")
    inner = text[before : len(text) - after]
    if before and after:
        return lambda value: inner in value
    if before:
        return lambda value: value.endswith(inner)
    return (lambda value: value.startswith(inner)) if after else (lambda value: value == inner)


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _number(value: object) -> float | None:
    """A number in a message, or a column that looks like one; a text in JSON is none."""
    if isinstance(value, ColumnText):
        return float(value) if NUMBER.fullmatch(value) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
