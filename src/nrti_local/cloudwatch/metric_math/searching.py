"""SEARCH: finds metrics by a search expression, such as `{AWS/Lambda,FunctionName} MetricName="Errors"`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nrti_local.cloudwatch.metric_math.series import MathError
from nrti_local.cloudwatch.statistics import Metric

Test = Callable[[Metric], bool]

_SCHEMA = re.compile(r"\s*\{([^}]*)\}")
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[()=]|[^\s()="]+)')
#: CloudWatch splits names at other characters, and at changes of case or between letters and digits.
_WORDS = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def found_by(expression: str) -> Test:
    """A test of metrics for a search expression.

    Raises:
        MathError: it is malformed.
    """
    schema = _SCHEMA.match(expression)
    terms = _Terms(expression[schema.end() :] if schema else expression)
    matches = terms.read()
    if schema is None:
        return matches
    namespace, *names = (part.strip().strip('"') for part in schema[1].split(","))
    wanted = set(names)
    return lambda metric: (
        metric.namespace == namespace and metric.dimensions.keys() == wanted and matches(metric)
    )


class _Terms:
    """Reads the terms of a search expression."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        if _TOKEN.sub("", text).strip():
            raise MathError(f"the search expression is malformed: {text.strip()}")
        self._place = 0

    def read(self) -> Test:
        """All terms; none match every metric."""
        if not self._tokens:
            return lambda _: True
        test = self._any("")
        if self._next:
            raise MathError(f"the search expression is malformed at '{self._next}'")
        return test

    @property
    def _next(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def _take(self, *texts: str) -> bool:
        taken = self._next in texts
        self._place += taken
        return taken

    def _any(self, key: str) -> Test:
        found = [self._all(key)]
        while self._take("OR"):
            found.append(self._all(key))
        return lambda metric: any(test(metric) for test in found)

    def _all(self, key: str) -> Test:
        found = [self._one(key)]
        while self._take("AND") or self._next not in {"", ")", "OR"}:
            found.append(self._one(key))
        return lambda metric: all(test(metric) for test in found)

    def _one(self, key: str) -> Test:
        if self._take("NOT"):
            inner = self._one(key)
            return lambda metric: not inner(metric)
        if self._take("("):
            inner = self._any(key)
            if not self._take(")"):
                raise MathError("a parenthesis of the search expression is not closed")
            return inner
        word = self._word()
        if not key and self._take("="):
            return self._one(word.strip('"'))
        return lambda metric: any(_matches(word, text) for text in _texts(metric, key))

    def _word(self) -> str:
        word = self._next
        if word in {"", ")", "=", "AND", "OR"}:
            raise MathError("the search expression is malformed: a term is missing")
        self._place += 1
        return word


def _texts(metric: Metric, key: str) -> Iterator[str]:
    """What a term is looked for in: all names and values of a metric, or those of a key."""
    if key in {"", "Namespace"}:
        yield metric.namespace
    if key in {"", "MetricName"}:
        yield metric.name
    for name, value in metric.dimensions.items():
        if not key:
            yield name
        if key in {"", name}:
            yield value


def _matches(term: str, text: str) -> bool:
    """Whether a text is the quoted term, or has all parts of the term, whatever their case."""
    if term.startswith('"'):
        return text == re.sub(r"\\(.)", r"\1", term[1:-1])
    return term.lower() == text.lower() or _parts(term) <= _parts(text) | _words(text)


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORDS.findall(text)}


def _parts(text: str) -> set[str]:
    return {part.lower() for word in _WORDS.findall(text) for part in _PARTS.findall(word) or [word]}
