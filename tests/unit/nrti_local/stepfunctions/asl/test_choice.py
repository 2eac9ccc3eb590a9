"""The comparison operators of a Choice state."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.nrti_local.stepfunctions.asl.interpreter import Fails, ended

EARLY, LATE, SHIFTED = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00.5Z", "2026-01-01T01:00:00+01:00"
DATA = {
    "s": "b", "n": 5, "f": 5.0, "one": 1, "yes": True, "no": False, "none": None, "t": EARLY, "late": LATE,
    "shifted": SHIFTED, "o": {"x": 1}, "l": [1], "star": "a*b\\c", "a": "a", "six": 6,
}  # fmt: skip
RUNTIME = Fails("States.Runtime")
YES, NO = "matched", "not matched"

#: A rule, and whether it matches.
CASES: list[tuple[dict[str, Any], str]] = [
    ({"Variable": "$.s", "StringEquals": "b"}, YES),
    ({"Variable": "$.s", "StringEquals": "B"}, NO),
    ({"Variable": "$.n", "StringEquals": "5"}, NO),
    ({"Variable": "$.s", "StringLessThan": "c"}, YES),
    ({"Variable": "$.s", "StringLessThan": "b"}, NO),
    ({"Variable": "$.s", "StringGreaterThan": "a"}, YES),
    ({"Variable": "$.s", "StringLessThanEquals": "b"}, YES),
    ({"Variable": "$.s", "StringGreaterThanEquals": "c"}, NO),
    ({"Variable": "$.s", "StringEqualsPath": "$.a"}, NO),
    ({"Variable": "$.s", "StringGreaterThanPath": "$.a"}, YES),
    ({"Variable": "$.s", "StringLessThanPath": "$.n"}, NO),
    ({"Variable": "$.s", "StringEqualsPath": "$.missing"}, RUNTIME),
    ({"Variable": "$.n", "NumericEquals": 5}, YES),
    ({"Variable": "$.f", "NumericEquals": 5}, YES),
    ({"Variable": "$.yes", "NumericEquals": 1}, NO),
    ({"Variable": "$.s", "NumericEquals": 5}, NO),
    ({"Variable": "$.n", "NumericLessThan": 6}, YES),
    ({"Variable": "$.n", "NumericGreaterThan": 5}, NO),
    ({"Variable": "$.n", "NumericGreaterThanEquals": 5}, YES),
    ({"Variable": "$.n", "NumericLessThanEquals": 4.9}, NO),
    ({"Variable": "$.n", "NumericEqualsPath": "$.f"}, YES),
    ({"Variable": "$.n", "NumericLessThanPath": "$.six"}, YES),
    ({"Variable": "$.n", "NumericLessThanPath": "$.none"}, NO),
    ({"Variable": "$.none", "NumericLessThan": 1}, NO),
    ({"Variable": "$.yes", "BooleanEquals": True}, YES),
    ({"Variable": "$.no", "BooleanEquals": False}, YES),
    ({"Variable": "$.one", "BooleanEquals": True}, NO),
    ({"Variable": "$.none", "BooleanEquals": False}, NO),
    ({"Variable": "$.s", "BooleanEquals": True}, NO),
    ({"Variable": "$.yes", "BooleanEqualsPath": "$.yes"}, YES),
    ({"Variable": "$.yes", "BooleanEqualsPath": "$.one"}, NO),
    ({"Variable": "$.t", "TimestampEquals": EARLY}, YES),
    ({"Variable": "$.shifted", "TimestampEquals": EARLY}, YES),
    ({"Variable": "$.t", "TimestampLessThan": LATE}, YES),
    ({"Variable": "$.late", "TimestampGreaterThan": EARLY}, YES),
    ({"Variable": "$.t", "TimestampGreaterThanEquals": LATE}, NO),
    ({"Variable": "$.t", "TimestampLessThanEquals": EARLY}, YES),
    ({"Variable": "$.t", "TimestampLessThanPath": "$.late"}, YES),
    ({"Variable": "$.s", "TimestampEquals": EARLY}, NO),
    ({"Variable": "$.n", "TimestampLessThan": LATE}, NO),
    ({"Variable": "$.s", "IsPresent": True}, YES),
    ({"Variable": "$.none", "IsPresent": True}, YES),
    ({"Variable": "$.missing", "IsPresent": True}, NO),
    ({"Variable": "$.missing", "IsPresent": False}, YES),
    ({"Variable": "$.l[0]", "IsPresent": True}, YES),
    ({"Variable": "$.l[1]", "IsPresent": True}, NO),
    ({"Variable": "$.o.x.y", "IsPresent": True}, NO),
    ({"Variable": "$.none", "IsNull": True}, YES),
    ({"Variable": "$.s", "IsNull": False}, YES),
    ({"Variable": "$.missing", "IsNull": True}, RUNTIME),
    ({"Variable": "$.s", "IsString": True}, YES),
    ({"Variable": "$.n", "IsString": False}, YES),
    ({"Variable": "$.n", "IsNumeric": True}, YES),
    ({"Variable": "$.yes", "IsNumeric": True}, NO),
    ({"Variable": "$.none", "IsNumeric": True}, NO),
    ({"Variable": "$.no", "IsBoolean": True}, YES),
    ({"Variable": "$.one", "IsBoolean": True}, NO),
    ({"Variable": "$.t", "IsTimestamp": True}, YES),
    ({"Variable": "$.late", "IsTimestamp": True}, YES),
    ({"Variable": "$.s", "IsTimestamp": True}, NO),
    ({"Variable": "$.star", "StringMatches": "a*c"}, YES),
    ({"Variable": "$.star", "StringMatches": "a\\*b\\\\c"}, YES),
    ({"Variable": "$.s", "StringMatches": "\\*"}, NO),
    ({"Variable": "$.s", "StringMatches": "*"}, YES),
    ({"Variable": "$.s", "StringMatches": "."}, NO),
    ({"Variable": "$.t", "StringMatches": "2026-*-01T*Z"}, YES),
    ({"Variable": "$.t", "StringMatches": "2026*2026-01-01T00:00:00Z"}, NO),
    ({"Variable": "$.t", "StringMatches": "*00*00*00*00*"}, NO),
    ({"Variable": "$.t", "StringMatches": "*00*00*00*"}, YES),
    ({"Variable": "$.s", "StringMatches": "b**"}, YES),
    ({"Variable": "$.s", "StringMatches": ""}, NO),
    ({"Variable": "$.n", "StringMatches": "*"}, NO),
    ({"Not": {"Variable": "$.n", "NumericEquals": 4}}, YES),
    ({"And": [{"Variable": "$.yes", "BooleanEquals": True}, {"Variable": "$.n", "NumericEquals": 4}]}, NO),
    ({"And": [{"Variable": "$.x", "IsPresent": True}, {"Variable": "$.x", "NumericEquals": 4}]}, NO),
    ({"Or": [{"Variable": "$.n", "NumericEquals": 4}, {"Variable": "$.n", "NumericEquals": 5}]}, YES),
    ({"Or": [{"Not": {"And": [{"Variable": "$.s", "IsString": True}]}}]}, NO),
    ({"Variable": "$$.StateMachine.Name", "StringEquals": "m"}, YES),
    ({"Variable": "$$.Execution.Input.nothing", "IsPresent": False}, YES),
    ({"Variable": "$.missing", "NumericEquals": 1}, RUNTIME),
    ({"Variable": "$.n", "NumericNearly": 1}, RUNTIME),
    ({"Variable": "$.n"}, RUNTIME),
    ({"Variable": "$.n", "NumericEquals": 1, "StringEquals": "a"}, RUNTIME),
    ({"Variable": "$.n", "NumericEquals": 5, "Comment": "explains"}, YES),
]


def _states(rule: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "S": {"Type": "Choice", "Choices": [{**rule, "Next": "T"}], **more},
        "T": {"Type": "Pass", "Result": YES, "End": True},
        "U": {"Type": "Pass", "Result": NO, "End": True},
    }


@pytest.mark.parametrize(("rule", "expected"), CASES)
def test_a_rule_matches(rule: dict[str, Any], expected: str) -> None:
    assert ended(_states(rule, Default="U"), DATA) == expected


def test_without_a_match_and_a_default_the_execution_fails() -> None:
    assert ended(_states({"Variable": "$.n", "NumericEquals": 4}), DATA) == Fails("States.NoChoiceMatched")


def test_the_first_rule_that_matches_counts() -> None:
    states = _states({"Variable": "$.n", "NumericGreaterThan": 1})
    states["S"]["Choices"].append({"Variable": "$.n", "NumericGreaterThan": 2, "Next": "U"})

    assert ended(states, DATA) == YES


def test_a_choice_reads_its_input_path_and_passes_on_its_output_path() -> None:
    states = _states({"Variable": "$.x", "NumericEquals": 1}, InputPath="$.o", OutputPath="$.x")
    states["T"] = {"Type": "Succeed"}

    assert ended(states, DATA) == 1
