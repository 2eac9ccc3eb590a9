"""The functions of metric math, except those that need the request: METRICS and SEARCH."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from typing import Any

from nrti_local.cloudwatch.metric_math.series import MathError, Series, Value

#: An argument may be a word, such as REPEAT.
Argument = Value | str


@dataclass(frozen=True)
class Span:
    """The times of a request: from `start` to before `end`, in seconds since 1970."""

    start: int
    end: float

    def periods(self, period: int) -> range:
        """The beginnings of all periods."""
        return range(self.start, math.ceil(self.end), period)


Function = Callable[[Span, Sequence[Argument]], Value]


def _each(value: Argument, compute: Callable[[Series], Series]) -> Value:
    """Computes with a series, or with each of an array."""
    if isinstance(value, list):
        return [compute(series) for series in value]
    if isinstance(value, Series):
        return compute(value)
    raise MathError("an argument must be a time series")


def _array(value: Argument) -> list[Series]:
    if isinstance(value, list):
        return value
    if isinstance(value, Series):
        return [value]
    raise MathError("an argument must be an array of time series")


def _number(value: Argument) -> float:
    if isinstance(value, int | float):
        return float(value)
    raise MathError("an argument must be a number")


def _by_value(compute: Callable[[float], float]) -> Function:
    def function(_: Span, given: Sequence[Argument]) -> Value:
        (value,) = given
        if isinstance(value, int | float):
            return float(compute(value))
        return _each(value, lambda series: series.mapped(compute))

    return function


def _aggregated(compute: Callable[[list[float]], float]) -> Function:
    """Of a series to a number, of an array to a series with the values at each time."""

    def function(_: Span, given: Sequence[Argument]) -> Value:
        (value,) = given
        if isinstance(value, Series):
            return compute(list(value.points.values())) if value.points else math.nan
        series = _array(value)
        times: dict[int, list[float]] = {}
        for each in series:
            for at, found in each.points.items():
                times.setdefault(at, []).append(found)
        period = max((each.period for each in series), default=60)
        return Series("", period, {}).having((at, compute(found)) for at, found in times.items())

    return function


def _between(compute: Callable[[float, float], float]) -> Function:
    """Of each two values in succession: from their difference, and the seconds between them."""

    def changes(series: Series) -> Series:
        pairs = pairwise(series.points.items())
        return series.having(
            (at, compute(value - before, at - then)) for (then, before), (at, value) in pairs
        )

    return lambda _, given: _each(_one(given), changes)


def _of_time(read: Callable[[datetime], float]) -> Function:
    def times(series: Series) -> Series:
        return series.having((at, read(datetime.fromtimestamp(at, UTC))) for at in series.points)

    return lambda _, given: _each(_one(given), times)


def _one(given: Sequence[Argument]) -> Argument:
    (value,) = given
    return value


def _fill(span: Span, given: Sequence[Argument]) -> Value:
    value, filler = given

    def filled(series: Series) -> Series:
        times = span.periods(series.period)
        if filler == "REPEAT":
            return series.having(_repeated(series, times))
        if filler == "LINEAR":
            return series.having((at, _interpolated(series, at)) for at in times)
        missing = dict.fromkeys(times, _number(filler))
        return series.having({**missing, **series.points}.items())

    return _each(value, filled)


def _repeated(series: Series, times: Iterable[int]) -> Iterable[tuple[int, float]]:
    last = math.nan
    for at in times:
        last = series.points.get(at, last)
        yield at, last


def _interpolated(series: Series, at: int) -> float:
    for (then, before), (later, after) in pairwise([*series.points.items()]):
        if then <= at <= later:
            return before + (after - before) * (at - then) / (later - then)
    return series.points.get(at, math.nan)


def _if(_: Span, given: Sequence[Argument]) -> Value:
    condition, then, *rest = given
    other = rest[0] if rest else math.nan
    if isinstance(condition, int | float):
        chosen = then if condition else other
        return chosen if isinstance(chosen, Series | list) else _number(chosen)
    if not isinstance(condition, Series):
        raise MathError("the condition of IF must be a time series or a number")
    points = ((at, _at(then if value else other, at)) for at, value in condition.points.items())
    return condition.having(points)


def _at(value: Argument, at: int) -> float:
    return value.points.get(at, math.nan) if isinstance(value, Series) else _number(value)


def _running_sum(_: Span, given: Sequence[Argument]) -> Value:
    def running(series: Series) -> Series:
        return series.having(zip(series.points, accumulate(series.points.values()), strict=True))

    return _each(_one(given), running)


def _time_series(span: Span, given: Sequence[Argument]) -> Value:
    number = _number(_one(given))
    return Series("", 60, {}).having((at, number) for at in span.periods(60))


def _period(_: Span, given: Sequence[Argument]) -> Value:
    value = _one(given)
    if not isinstance(value, Series):
        raise MathError("PERIOD takes a time series")
    return float(value.period)


def _sort(_: Span, given: Sequence[Argument]) -> Value:
    value, name, order, *rest = given
    if not isinstance(name, str) or name not in _SORTED_BY or order not in {"ASC", "DESC"}:
        raise MathError(f"SORT takes one of {', '.join(_SORTED_BY)}, and ASC or DESC")
    found = sorted(
        (each for each in _array(value) if each.points),
        key=lambda each: _SORTED_BY[name](list(each.points.values())),
        reverse=order == "DESC",
    )
    return found[: int(_number(rest[0]))] if rest else found


_SORTED_BY: Mapping[str, Callable[[list[float]], float]] = {
    "AVG": statistics.fmean,
    "MAX": max,
    "MIN": min,
    "SUM": math.fsum,
}


def _slice(_: Span, given: Sequence[Argument]) -> Value:
    value, *bounds = given
    first, *last = (int(_number(each)) for each in bounds)
    return _array(value)[first : last[0] if last else None]


def _element(place: int) -> Function:
    def function(_: Span, given: Sequence[Argument]) -> Value:
        series = _array(_one(given))
        return series[place] if series else math.nan

    return function


def _count(span: Span, given: Sequence[Argument]) -> Value:
    value = _one(given)
    return float(len(value.points)) if isinstance(value, Series) else _aggregated(len)(span, given)


#: By name: the least and the most arguments, and what computes.
FUNCTIONS: Mapping[str, tuple[int, int, Function]] = {
    "ABS": (1, 1, _by_value(abs)),
    "AVG": (1, 1, _aggregated(statistics.fmean)),
    "CEIL": (1, 1, _by_value(math.ceil)),
    "DATAPOINT_COUNT": (1, 1, _count),
    "DATE": (1, 1, _of_time(lambda at: at.day)),
    "DAY": (1, 1, _of_time(lambda at: at.isoweekday())),
    "DIFF": (1, 1, _between(lambda change, _: change)),
    "DIFF_TIME": (1, 1, _between(lambda _, seconds: seconds)),
    "EPOCH": (1, 1, _of_time(datetime.timestamp)),
    "FILL": (2, 2, _fill),
    "FIRST": (1, 1, _element(0)),
    "FLOOR": (1, 1, _by_value(math.floor)),
    "HOUR": (1, 1, _of_time(lambda at: at.hour)),
    "IF": (2, 3, _if),
    "LAST": (1, 1, _element(-1)),
    "LOG": (1, 1, _by_value(math.log)),
    "LOG10": (1, 1, _by_value(math.log10)),
    "MAX": (1, 1, _aggregated(max)),
    "MIN": (1, 1, _aggregated(min)),
    "MINUTE": (1, 1, _of_time(lambda at: at.minute)),
    "MONTH": (1, 1, _of_time(lambda at: at.month)),
    "PERIOD": (1, 1, _period),
    "RATE": (1, 1, _between(lambda change, seconds: change / seconds)),
    "REMOVE_EMPTY": (1, 1, lambda _, given: [each for each in _array(_one(given)) if each.points]),
    "RUNNING_SUM": (1, 1, _running_sum),
    "SLICE": (2, 3, _slice),
    "SORT": (3, 4, _sort),
    "STDDEV": (1, 1, _aggregated(statistics.pstdev)),
    "SUM": (1, 1, _aggregated(math.fsum)),
    "TIME_SERIES": (1, 1, _time_series),
    "YEAR": (1, 1, _of_time(lambda at: at.year)),
}
#: Words that some functions take.
WORDS: frozenset[str] = frozenset({"ASC", "DESC", "LINEAR", "REPEAT", *_SORTED_BY})


def call(name: str, span: Span, given: Sequence[Any]) -> Value:
    """The value of a function.

    Raises:
        MathError: there is no such function, or it does not take these arguments.
    """
    if name not in FUNCTIONS:
        raise MathError(f"{name}() is not in the embedded AWS, or no function at all")
    least, most, function = FUNCTIONS[name]
    if not least <= len(given) <= most:
        raise MathError(f"{name}() does not take {len(given)} arguments")
    return function(span, given)
