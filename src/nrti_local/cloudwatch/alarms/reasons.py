"""The reason of an alarm's state, as data for StateReasonData."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from nrti_local.cloudwatch.alarms.states import Alarm, Judgement


def data(
    alarm: Alarm, judgement: Judgement, values: Mapping[int, float], counts: Mapping[int, float], now: float
) -> dict[str, Any]:
    """The members of StateReasonData.

    Args:
        alarm: an entry of DescribeAlarms.
        judgement: on it.
        values: of its statistic, by the beginnings of their periods.
        counts: of the samples in each period.
        now: the time of the evaluation. All times are seconds since 1970.
    """
    known = sorted(at for at in judgement.evaluated if at in values)
    evaluated = [
        {"timestamp": _written(at)}
        | ({"sampleCount": counts[at], "value": values[at]} if at in values else {})
        for at in judgement.evaluated
    ]
    return {
        "version": "1.0",
        "queryDate": _written(now),
        **({"startDate": _written(known[0])} if known else {}),
        **({"unit": alarm["Unit"]} if alarm.get("Unit") else {}),
        "statistic": alarm.get("ExtendedStatistic") or alarm["Statistic"],
        "period": alarm["Period"],
        "recentDatapoints": [values[at] for at in known],
        "threshold": float(alarm["Threshold"]),
        "evaluatedDatapoints": evaluated,
    }


def _written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")
