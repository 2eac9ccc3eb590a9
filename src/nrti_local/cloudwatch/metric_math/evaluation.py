"""Reads an expression of metric math and computes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nrti_local.cloudwatch.metric_math.functions import WORDS, Span, call
from nrti_local.cloudwatch.metric_math.series import MathError, Series, Value, combined

_TOKEN = re.compile(
    r"""\s*(?: (?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+) | (?P<text>'[^']*'|"[^"]*")
      | (?P<word>[A-Za-z]\w*) | (?P<sign>&&|\|\||==|!=|<=|>=|[-+*/^<>(),\[\]]) )""",
    re.VERBOSE,
)
_SYNONYMS = {"&&": "AND", "||": "OR"}


@dataclass(frozen=True)
class Request:
    """What an expression refers to.

    Attributes:
        span: the times of the request.
        named: the value of a metric or an expression, by its id.
        metrics: all metrics of the request whose ids have a text in them.
        search: the metrics that a search expression finds, with a statistic and a period.
    """

    span: Span
    named: Callable[[str], Value]
    metrics: Callable[[str], list[Series]]
    search: Callable[[str, str, int], list[Series]]


def evaluate(expression: str, request: Request) -> Value:
    """The value of an expression.

    Raises:
        MathError: it is wrong, or uses what the embedded AWS does not have.
    """
    if re.match(r"\s*SELECT\b", expression, re.IGNORECASE):
        raise MathError("queries of Metrics Insights are not in the embedded AWS")
    reader = _Expression(expression, request)
    value = reader.read()
    reader.end()
    return value


class _Expression:
    """An expression, computed while it is read: what binds least comes first."""

    _LEVELS = (("OR",), ("AND",), ("==", "!=", "<", "<=", ">", ">="), ("+", "-"), ("*", "/"))

    def __init__(self, text: str, request: Request) -> None:
        self._tokens = _tokens(text)
        self._place = 0
        self._request = request

    def read(self, level: int = 0) -> Value:
        """Reads operators of a level and of those that bind more."""
        if level == len(self._LEVELS):
            return self._power()
        value = self.read(level + 1)
        while sign := self._take(*self._LEVELS[level]):
            value = combined(sign, value, self.read(level + 1))
        return value

    def end(self) -> None:
        """Checks that nothing follows."""
        if self._next[0] != "end":
            raise MathError(f"unexpected '{self._next[1]}'")

    @property
    def _next(self) -> tuple[str, str]:
        return self._tokens[self._place]

    def _take(self, *texts: str) -> str:
        kind, text = self._next
        found = _SYNONYMS.get(text, text)
        if kind in {"sign", "word"} and found in texts:
            self._place += 1
            return found
        return ""

    def _power(self) -> Value:
        if self._take("-"):
            return combined("-", 0.0, self._power())
        base = self._operand()
        return combined("^", base, self._power()) if self._take("^") else base

    def _operand(self) -> Value:
        kind, text = self._next
        self._place += kind != "end"
        if kind == "number":
            return float(text)
        if text == "(":
            value = self.read()
            self._expect(")")
            return value
        if text == "[":
            return self._array()
        if kind != "word":
            raise MathError(f"unexpected '{text}'" if text else "it ends too early")
        if self._take("("):
            return self._call(text)
        return self._request.named(text)

    def _array(self) -> Value:
        values = [self.read()]
        while self._take(","):
            values.append(self.read())
        self._expect("]")
        if not all(isinstance(value, Series) for value in values):
            raise MathError("an array has time series")
        return [value for value in values if isinstance(value, Series)]

    def _call(self, name: str) -> Value:
        given: list[Any] = []
        while not self._take(")"):
            if given:
                self._expect(",")
            given.append(self._argument())
        if name == "METRICS" and len(given) <= 1:
            return self._request.metrics(str(given[0]) if given else "")
        if name == "SEARCH":
            if [type(each) for each in given] not in ([str, str], [str, str, float]):
                raise MathError("SEARCH takes a search expression, a statistic, and a period")
            return self._request.search(given[0], given[1], int(given[2]) if given[2:] else 0)
        return call(name, self._request.span, given)

    def _argument(self) -> Value | str:
        kind, text = self._next
        if kind == "text":
            self._place += 1
            return text[1:-1]
        if kind == "word" and text in WORDS and self._tokens[self._place + 1][1] != "(":
            self._place += 1
            return text
        return self.read()

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise MathError(f"'{sign}' is missing before '{self._next[1]}'")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise MathError(f"unexpected '{text[place:].strip()[:20]}'")
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return [*found, ("end", "")]
