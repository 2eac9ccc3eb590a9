"""The state of an alarm by its datapoints."""

from __future__ import annotations

from typing import Any

import pytest

from nrti_local.cloudwatch.alarms.states import is_judged, judge

ALARM: dict[str, Any] = {
    "MetricName": "Errors",
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 0,
    "Period": 60,
    "EvaluationPeriods": 1,
    "StateValue": "OK",
}
#: Twenty seconds into a period; the periods before it began at 540, 480 and so on.
NOW, RUNNING = 620.0, 600


def _state(points: dict[int, float], **changes: Any) -> str | None:
    judged = judge({**ALARM, **changes}, points, NOW)
    return judged.state if judged else None


@pytest.mark.parametrize(
    ("points", "state"),
    [
        ({RUNNING: 1.0}, "ALARM"),
        ({RUNNING: 0.0, 540: 1.0}, "ALARM"),  # the running one may still change
        ({RUNNING: 0.0, 540: 0.0, 480: 1.0}, "OK"),
        ({540: 0.0}, "OK"),
        ({480: 1.0}, "INSUFFICIENT_DATA"),
        ({}, "INSUFFICIENT_DATA"),
    ],
)
def test_the_newest_period_counts(points: dict[int, float], state: str) -> None:
    assert _state(points) == state


@pytest.mark.parametrize(
    ("comparison", "states"),
    [
        ("GreaterThanThreshold", ["OK", "OK", "ALARM"]),
        ("GreaterThanOrEqualToThreshold", ["OK", "ALARM", "ALARM"]),
        ("LessThanThreshold", ["ALARM", "OK", "OK"]),
        ("LessThanOrEqualToThreshold", ["ALARM", "ALARM", "OK"]),
    ],
)
def test_comparisons(comparison: str, states: list[str]) -> None:
    assert [_state({540: value}, ComparisonOperator=comparison) for value in (-1.0, 0.0, 1.0)] == states


@pytest.mark.parametrize(
    ("missing", "state"),
    [("breaching", "ALARM"), ("notBreaching", "OK"), ("missing", "INSUFFICIENT_DATA"), ("ignore", None)],
)
def test_without_data_it_is_what_it_says_of_missing_data(missing: str, state: str | None) -> None:
    assert _state({}, TreatMissingData=missing) == state


@pytest.mark.parametrize(
    ("missing", "state"),
    [("breaching", "ALARM"), ("notBreaching", "OK"), ("missing", "ALARM"), ("ignore", "ALARM")],
)
def test_one_breach_of_three_periods_the_others_missing(missing: str, state: str) -> None:
    assert _state({540: 1.0}, EvaluationPeriods=3, TreatMissingData=missing) == state


def test_some_of_the_datapoints_are_enough_for_an_alarm() -> None:
    points = {540: 1.0, 480: 0.0, 420: 1.0}

    assert _state(points, EvaluationPeriods=3, DatapointsToAlarm=2) == "ALARM"
    assert _state(points, EvaluationPeriods=3) == "OK"


_CROSSED = "Threshold Crossed: 1 out of the last 1 datapoints [27.0 (01/01/70 00:09:00)] was greater than"
_NOT_CROSSED = (
    "Threshold Crossed: 2 out of the last 2 datapoints [0.0 (01/01/70 00:09:00), 0.0 (01/01/70 00:08:00)] "
    "were not greater than the"
)
_MISSING = (
    "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as"
)


@pytest.mark.parametrize(
    ("points", "changes", "reason"),
    [
        ({540: 27.0}, {}, f"{_CROSSED} the threshold (0.0)."),
        ({540: 0.0, 480: 0.0}, {"EvaluationPeriods": 2}, f"{_NOT_CROSSED} threshold (0.0)."),
        ({}, {"TreatMissingData": "notBreaching"}, f"{_MISSING} [NonBreaching]."),
        ({}, {}, "Insufficient Data: 1 datapoint was unknown."),
    ],
)
def test_it_says_why(points: dict[int, float], changes: dict[str, Any], reason: str) -> None:
    judged = judge({**ALARM, **changes}, points, NOW)

    assert judged
    assert judged.reason == reason


def test_expressions_and_bands_are_left_alone() -> None:
    assert is_judged(ALARM)
    assert not is_judged({**ALARM, "MetricName": None, "Metrics": [{"Id": "e", "Expression": "m/2"}]})
    assert not is_judged({**ALARM, "ComparisonOperator": "GreaterThanUpperThreshold"})
