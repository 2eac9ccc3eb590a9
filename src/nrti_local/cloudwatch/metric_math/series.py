"""Time series, and operations on the values of expressions: numbers, series, and lists of series."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass


class MathError(ValueError):
    """An expression is wrong, or uses what the embedded AWS does not have."""


@dataclass(frozen=True)
class Series:
    """The values of a metric or of an expression.

    Attributes:
        label: how results name it.
        period: in seconds.
        points: the values by the beginnings of their periods, in seconds since 1970, ascending.
        units: of a metric without a unit in the request, if it has several; only the first one counts.
    """

    label: str
    period: int
    points: Mapping[int, float]
    units: Sequence[str] = ()

    def having(self, points: Iterable[tuple[int, float]]) -> Series:
        """A series with other points; those without a value are left out."""
        kept = {at: value for at, value in points if not math.isnan(value)}
        return Series(self.label, self.period, dict(sorted(kept.items())), self.units)

    def mapped(self, compute: Callable[[float], float]) -> Series:
        """A series with values computed from those of this one."""
        return self.having((at, _safely(compute, value)) for at, value in self.points.items())


#: A number may be NaN, where there is none.
Value = float | Series | list[Series]

_OPERATORS: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
    "<": lambda left, right: float(left < right),
    "<=": lambda left, right: float(left <= right),
    ">": lambda left, right: float(left > right),
    ">=": lambda left, right: float(left >= right),
    "AND": lambda left, right: float(bool(left and right)),
    "OR": lambda left, right: float(bool(left or right)),
}


def combined(sign: str, left: Value, right: Value) -> Value:
    """The result of an operator. Two series have values where both have one."""
    compute = _OPERATORS[sign]
    if isinstance(left, list) and isinstance(right, list):
        raise MathError(f"'{sign}' does not take two arrays of time series")
    if isinstance(left, list):
        return [_of_two(compute, each, right) for each in left]  # type: ignore[arg-type] # no list
    if isinstance(right, list):
        return [_of_two(compute, left, each) for each in right]
    if isinstance(left, Series) or isinstance(right, Series):
        return _of_two(compute, left, right)
    return _safely(compute, left, right)


def _of_two(compute: Callable[[float, float], float], left: float | Series, right: float | Series) -> Series:
    if isinstance(left, Series) and isinstance(right, Series):
        common = ((at, left.points[at], right.points[at]) for at in left.points if at in right.points)
        period = max(left.period, right.period)
        found = left.having((at, _safely(compute, one, other)) for at, one, other in common)
        return Series(found.label, period, found.points)
    if isinstance(left, Series):
        return left.mapped(lambda value: compute(value, right))  # type: ignore[arg-type] # a number
    if isinstance(right, Series):
        return right.mapped(lambda value: compute(left, value))
    raise TypeError("two numbers")


def _safely(compute: Callable[..., float], *values: float) -> float:
    """The result, or NaN where there is none, as of a division by zero."""
    try:
        found = compute(*values)
    except (ArithmeticError, ValueError):
        return math.nan
    return math.nan if isinstance(found, complex) or math.isnan(found) or math.isinf(found) else float(found)
