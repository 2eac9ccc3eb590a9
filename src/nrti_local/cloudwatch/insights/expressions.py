"""Expressions of a query: read once, then computed for each row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nrti_local.cloudwatch.insights.aggregates import AGGREGATES, percentile
from nrti_local.cloudwatch.insights.functions import FUNCTIONS
from nrti_local.cloudwatch.insights.reading import Reader
from nrti_local.cloudwatch.insights.values import MalformedQueryError, Timestamp, equal, less, number, text

_PERIODS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_TIME = "@timestamp"


@dataclass
class Row:
    """A log event, or a group of them that `stats` made.

    Attributes:
        fields: by name; a missing field is not there.
        rows: of a group, oldest first.
        pointer: makes what finds the event again; a group has none.
    """

    fields: dict[str, Any]
    rows: Sequence[Row] = field(default_factory=tuple)
    pointer: Callable[[], str] | None = None


#: Computes a value of a row; None is a missing one.
Expression = Callable[[Row], Any]


class Expressions:
    """Reads expressions.

    Args:
        reader: of the query.
        aggregating: whether functions of `stats` may stand there.
    """

    def __init__(self, reader: Reader, *, aggregating: bool = False) -> None:
        self._reader = reader
        self._aggregating = aggregating

    def read(self) -> Expression:
        """Reads an expression: `or` binds least, then `and`, `not`, comparisons and arithmetic."""
        found = [self._all()]
        while self._reader.take("or"):
            found.append(self._all())
        return found[0] if len(found) == 1 else lambda row: any(each(row) for each in found)

    def _all(self) -> Expression:
        found = [self._negated()]
        while self._reader.take("and"):
            found.append(self._negated())
        return found[0] if len(found) == 1 else lambda row: all(each(row) for each in found)

    def _negated(self) -> Expression:
        if self._reader.take("not"):
            inner = self._negated()
            return lambda row: not inner(row)
        return self._comparison()

    def _comparison(self) -> Expression:
        left, reader = self._sum(), self._reader
        negated = bool(reader.take("not"))
        signs = ("like", "=~", "in") if negated else ("like", "=~", "in", *_COMPARISONS)
        sign = reader.expect(*signs) if negated else reader.take(*signs)
        if sign in {"like", "=~"}:
            test = self._likeness(left)
        elif sign == "in":
            test = self._membership(left)
        elif sign:
            right, compare = self._sum(), _COMPARISONS[sign]
            return lambda row: compare(left(row), right(row))
        else:
            return left
        return (lambda row: not test(row)) if negated else test

    def _likeness(self, left: Expression) -> Expression:
        regex = self._reader.regex()
        if regex is None:
            part = self._reader.of_kind("text")
            return lambda row: (value := left(row)) is not None and part in text(value)
        search = regex.search
        return lambda row: (value := left(row)) is not None and bool(search(text(value)))

    def _membership(self, left: Expression) -> Expression:
        self._reader.expect("[")
        wanted = self._reader.listed(self._sum)
        self._reader.expect("]")
        return lambda row: any(equal(left(row), each(row)) for each in wanted)

    def _sum(self) -> Expression:
        return self._chain(("+", "-"), lambda: self._chain(("*", "/", "%"), self._power))

    def _chain(self, signs: tuple[str, ...], read: Callable[[], Expression]) -> Expression:
        found = read()
        while sign := self._reader.take(*signs):
            found = _arithmetic(sign, found, read())
        return found

    def _power(self) -> Expression:
        if self._reader.take("-"):
            return _arithmetic("-", lambda _: 0, self._power())
        base = self._primary()
        return _arithmetic("^", base, self._power()) if self._reader.take("^") else base

    def _primary(self) -> Expression:
        reader = self._reader
        if reader.take("("):
            inner = self.read()
            reader.expect(")")
            return inner
        kind = reader.next.kind
        if kind == "number":
            value = float(reader.token().text)
            constant = int(value) if value.is_integer() else value
            return lambda _: constant
        if kind == "text":
            words = reader.of_kind("text")
            return lambda _: words
        name = reader.field()
        if kind == "word" and reader.take("("):
            return self._call(name)
        return lambda row: row.fields.get(name)

    def _call(self, name: str) -> Expression:
        known = name.lower()
        if known in {"bin", "datefloor", "dateceil"}:
            return self._rounded(known)
        if known in AGGREGATES or known in {"pct", "median"}:
            return self._aggregate(known)
        if known not in FUNCTIONS:
            raise MalformedQueryError(f"{name}(): no such function, or it is not in the embedded AWS")
        function, arguments = FUNCTIONS[known], self._arguments()
        if not function.least <= len(arguments) <= function.most:
            raise MalformedQueryError(f"{name}() does not take {len(arguments)} arguments")
        return lambda row: function([each(row) for each in arguments])

    def _arguments(self) -> list[Expression]:
        if self._reader.take(")"):
            return []
        found = self._reader.listed(self.read)
        self._reader.expect(")")
        return found

    def _rounded(self, name: str) -> Expression:
        reader, time = self._reader, None
        if name != "bin":
            time = self.read()
            reader.expect(",")
        period = re.fullmatch(r"(\d+)(\D+)", reader.of_kind("period"))
        reader.expect(")")
        if period is None or period[2] not in _PERIODS or not int(period[1]):
            raise MalformedQueryError("a period is a number with ms, s, m, h, d or w in the embedded AWS")
        length = int(period[1]) * _PERIODS[period[2]]
        up = length - 1 if name == "dateceil" else 0

        def rounded(row: Row) -> Timestamp | None:
            at = number(row.fields.get(_TIME) if time is None else time(row))
            return None if at is None else Timestamp((int(at) + up) // length * length)

        return rounded

    def _aggregate(self, name: str) -> Expression:
        if not self._aggregating:
            raise MalformedQueryError(f"{name}() can only stand in a stats command")
        reader = self._reader
        if name == "count" and (reader.take("*") or reader.next.text == ")"):
            reader.expect(")")
            return lambda row: len(row.rows)
        argument = Expressions(reader).read()
        percent = 50.0
        if name == "pct":
            reader.expect(",")
            percent = float(reader.of_kind("number"))
        reader.expect(")")
        compute = AGGREGATES.get(name) or (lambda values: percentile(values, percent))

        def aggregate(row: Row) -> Any:
            values = [argument(each) for each in row.rows]
            return compute([value for value in values if value is not None])

        return aggregate


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: left is not None and right is not None and compare(left, right)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": _ordered(less),
    ">": _ordered(lambda left, right: less(right, left)),
    "<=": _ordered(lambda left, right: not less(right, left)),
    ">=": _ordered(lambda left, right: not less(left, right)),
}
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": float.__add__,
    "-": float.__sub__,
    "*": float.__mul__,
    "/": float.__truediv__,
    "%": float.__mod__,
    "^": float.__pow__,
}


def _arithmetic(sign: str, left: Expression, right: Expression) -> Expression:
    compute = _ARITHMETIC[sign]

    def computed(row: Row) -> float | None:
        one, other = number(left(row)), number(right(row))
        try:
            return None if one is None or other is None else compute(one, other)
        except ArithmeticError:
            return None

    return computed
