"""The state of an alarm by the datapoints of its metric, by CloudWatch's documented rules."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Mapping
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
    """A state, such as `ALARM`, and its reason."""

    state: str
    reason: str


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
    found = _latest(alarm, points, now)
    if not found:
        return _without_data(missing, count)
    compare, words = COMPARISONS[alarm["ComparisonOperator"]]
    breaching = [value for value in found.values() if compare(value, alarm["Threshold"])]
    number, needed = len(breaching), alarm.get("DatapointsToAlarm") or count
    if missing == "breaching":
        number += count - len(found)
    elif missing != "notBreaching":
        needed = min(needed, len(found))
    crossed = number >= needed
    shown = breaching if crossed else [value for value in found.values() if value not in breaching]
    listed = ", ".join(f"{v} ({_written(at)})" for at, v in found.items() if v in shown)
    verb = f"{'was' if len(shown) == 1 else 'were'}{'' if crossed else ' not'}"
    return Judgement(
        "ALARM" if crossed else "OK",
        f"Threshold Crossed: {len(shown)} out of the last {count} datapoints [{listed}] {verb} {words} the "
        f"threshold ({float(alarm['Threshold'])}).",
    )


def _latest(alarm: Alarm, points: Mapping[int, float], now: float) -> dict[int, float]:
    """The values of the evaluated periods, the newest first."""
    period, compare = alarm["Period"], COMPARISONS[alarm["ComparisonOperator"]][0]
    newest = int(now) // period * period
    if newest not in points or not compare(points[newest], alarm["Threshold"]):
        newest -= period
    periods = [newest - period * back for back in range(alarm["EvaluationPeriods"])]
    return {at: points[at] for at in periods if at in points}


def _without_data(missing: str, count: int) -> Judgement | None:
    state = _WITHOUT_DATA.get(missing)
    if state is None:
        return None
    points = f"{count} datapoint{'s' * (count > 1)}"
    if state == "INSUFFICIENT_DATA":
        verb = "were" if count > 1 else "was"
        return Judgement(state, f"Insufficient Data: {points} {verb} unknown.")
    treated = "Breaching" if state == "ALARM" else "NonBreaching"
    periods, are = ("periods", "datapoints were") if count > 1 else ("period", "datapoint was")
    return Judgement(
        state,
        f"Threshold Crossed: no datapoints were received for {count} {periods} and {count} missing {are} "
        f"treated as [{treated}].",
    )


def _written(at: int) -> str:
    return time.strftime("%d/%m/%y %H:%M:%S", time.gmtime(at))
