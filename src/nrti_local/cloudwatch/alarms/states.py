"""The state of an alarm by the datapoints of its metric, by CloudWatch's documented rules."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: From a value and a threshold, and the words of a reason.
COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
#: The state of an alarm without datapoints, by its TreatMissingData; `ignore` keeps the state.
_WITHOUT_DATA = {"breaching": "ALARM", "notBreaching": "OK", "missing": "INSUFFICIENT_DATA"}

Alarm = Mapping[str, Any]


@dataclass(frozen=True)
class Judgement:
    """What an alarm is found to be.

    Attributes:
        state: such as `ALARM`.
        reason: in CloudWatch's words.
        evaluated: the beginnings of the periods that were looked at, the newest first.
    """

    state: str
    reason: str
    evaluated: Sequence[int]


def is_judged(alarm: Alarm) -> bool:
    """Whether an alarm compares one metric with a threshold; no others are evaluated."""
    return bool(alarm.get("MetricName")) and alarm.get("ComparisonOperator") in COMPARISONS


def judge(alarm: Alarm, points: Mapping[int, float], now: float) -> Judgement | None:
    """The state of an alarm.

    Args:
        alarm: an entry of DescribeAlarms.
        points: the values of its statistic by the beginnings of their periods, in seconds since 1970.
        now: the time in seconds since 1970. The current period counts once its value breaches: it may still
            change.

    Returns:
        None if the state does not change, whatever it is.
    """
    count, missing = alarm["EvaluationPeriods"], alarm.get("TreatMissingData", "missing")
    periods = _periods(alarm, points, now)
    found = {at: points[at] for at in periods if at in points}
    if not found:
        return _without_data(missing, periods)
    compare, words = COMPARISONS[alarm["ComparisonOperator"]]
    breaching = {at: value for at, value in found.items() if compare(value, alarm["Threshold"])}
    number, needed = len(breaching), alarm.get("DatapointsToAlarm") or count
    if missing == "breaching":
        number += count - len(found)
    elif missing != "notBreaching":
        needed = min(needed, len(found))
    crossed = number >= needed
    shown = breaching if crossed else {at: value for at, value in found.items() if at not in breaching}
    listed = ", ".join(f"{value} ({_written(at)})" for at, value in shown.items())
    verb = f"{'was' if len(shown) == 1 else 'were'}{'' if crossed else ' not'}"
    threshold = float(alarm["Threshold"])
    reason = f"{_share(alarm, len(shown))} [{listed}] {verb} {words} the threshold ({threshold})"
    text = f"Threshold Crossed: {reason}{_minimum(alarm, crossed=crossed)}."
    return Judgement("ALARM" if crossed else "OK", text, periods)


def _share(alarm: Alarm, number: int) -> str:
    """How many datapoints there are, of how many if the alarm needs only some."""
    if alarm.get("DatapointsToAlarm"):
        return f"{number} out of the last {alarm['EvaluationPeriods']} datapoints"
    return _counted(number)


def _minimum(alarm: Alarm, *, crossed: bool) -> str:
    """How many datapoints change the state of an alarm that needs only some."""
    needed = alarm.get("DatapointsToAlarm")
    if not needed:
        return ""
    number = needed if crossed else alarm["EvaluationPeriods"] - needed + 1
    change = "OK -> ALARM" if crossed else "ALARM -> OK"
    return f" (minimum {_counted(number)} for {change} transition)"


def _counted(number: int) -> str:
    return f"{number} datapoint{'s' * (number != 1)}"


def _periods(alarm: Alarm, points: Mapping[int, float], now: float) -> list[int]:
    """The beginnings of the evaluated periods, the newest first."""
    period, compare = alarm["Period"], COMPARISONS[alarm["ComparisonOperator"]][0]
    newest = int(now) // period * period
    if newest not in points or not compare(points[newest], alarm["Threshold"]):
        newest -= period
    return [newest - period * back for back in range(alarm["EvaluationPeriods"])]


def _without_data(missing: str, periods: list[int]) -> Judgement | None:
    state, count = _WITHOUT_DATA.get(missing), len(periods)
    if state is None:
        return None
    were = "were" if count > 1 else "was"
    if state == "INSUFFICIENT_DATA":
        return Judgement(state, f"Insufficient Data: {_counted(count)} {were} unknown.", periods)
    treated = "Breaching" if state == "ALARM" else "NonBreaching"
    reason = (
        f"Threshold Crossed: no datapoints were received for {count} period{'s' * (count > 1)} and {count} "
        f"missing datapoint{'s' * (count > 1)} {were} treated as [{treated}]."
    )
    return Judgement(state, reason, periods)


def _written(at: int) -> str:
    return time.strftime("%d/%m/%y %H:%M:%S", time.gmtime(at))
