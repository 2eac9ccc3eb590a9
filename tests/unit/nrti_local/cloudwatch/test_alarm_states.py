"""The state of an alarm by its datapoints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nrti_local.cloudwatch.alarms.reasons import data
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


#: Datapoints, members of an alarm, and AWS's reason, from public alarms and LocalStack's recordings of AWS.
REASONS = json.loads((Path(__file__).parent / "alarm_reasons.json").read_text())


@pytest.mark.parametrize(("points", "changes", "reason"), REASONS)
def test_it_says_why(points: dict[str, float], changes: dict[str, Any], reason: str) -> None:
    judged = judge({**ALARM, **changes}, {int(at): value for at, value in points.items()}, NOW)

    assert judged
    assert judged.reason == reason


def test_the_data_of_a_reason() -> None:
    alarm = {**ALARM, "EvaluationPeriods": 2, "Statistic": "Average", "Unit": "Seconds"}
    judged = judge(alarm, {540: 21.5}, NOW)

    assert judged
    assert data(alarm, judged, {540: 21.5}, {540: 2.0}, NOW + 0.5) == {
        "version": "1.0",
        "queryDate": "1970-01-01T00:10:20.500+0000",
        "startDate": "1970-01-01T00:09:00.000+0000",
        "unit": "Seconds",
        "statistic": "Average",
        "period": 60,
        "recentDatapoints": [21.5],
        "threshold": 0.0,
        "evaluatedDatapoints": [
            {"timestamp": "1970-01-01T00:09:00.000+0000", "sampleCount": 2.0, "value": 21.5},
            {"timestamp": "1970-01-01T00:08:00.000+0000"},
        ],
    }


def test_expressions_and_bands_are_left_alone() -> None:
    assert is_judged(ALARM)
    assert not is_judged({**ALARM, "MetricName": None, "Metrics": [{"Id": "e", "Expression": "m/2"}]})
    assert not is_judged({**ALARM, "ComparisonOperator": "GreaterThanUpperThreshold"})
