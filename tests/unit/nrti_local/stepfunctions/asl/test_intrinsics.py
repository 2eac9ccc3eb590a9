"""The intrinsic functions of the Amazon States Language."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.unit.nrti_local.stepfunctions.asl.interpreter import Fails, ended

DATA = {"t": "text", "n": 3, "f": 1.5, "yes": True, "none": None, "o": {"k": [1, "é"]}, "l": [1, 2, 3, 4]}
FAILS = Fails("States.IntrinsicFailure")
INVALID = Fails("States.Runtime")

CASES: list[tuple[str, Any]] = [
    ("States.Format('plain')", "plain"),
    ("States.Format('{} is {}', $.t, $.n)", "text is 3"),
    ("States.Format('{}{}{}', $.yes, $.none, $.f)", "truenull1.5"),
    ("States.Format('{}', $.o)", "{k=[1, é]}"),
    ("States.Format('{}', States.Array($.none, States.StringToJson('{}'), $.o))", "[null, {}, {k=[1, é]}]"),
    ("States.Format('{}', $.l)", "[1, 2, 3, 4]"),
    (r"States.Format('it\'s {}', 1)", "it's 1"),
    (r"States.Format('\{\} {}', 1)", "{} 1"),
    (r"States.Format('\\{}', 1)", "\\1"),
    ("States.Format('a, b) {}', $.t)", "a, b) text"),
    ("States.Format('{}', States.Format('{}', States.MathAdd(1, 2)))", "3"),
    ("States.Format('{} {}', $.t)", FAILS),
    ("States.Format('{}', 1, 2)", FAILS),
    ("States.Format('{', 1)", FAILS),
    ("States.Format($.n)", FAILS),
    ("States.StringToJson('{\"a\": [1]}')", {"a": [1]}),
    ("States.StringToJson('')", None),
    ("States.StringToJson(' ')", None),
    ("States.StringToJson($.t)", FAILS),
    ("States.StringToJson('NaN')", FAILS),
    ("States.StringToJson($.n)", FAILS),
    ("States.JsonToString($.o)", '{"k":[1,"é"]}'),
    ("States.JsonToString('a')", '"a"'),
    ("States.Array()", []),
    ("States.Array($.n, 'a', null, true, -1.5, $.o.k[0])", [3, "a", None, True, -1.5, 1]),
    ("States.Array(States.Array(1), States.Array())", [[1], []]),
    ("States.ArrayPartition($.l, 3)", [[1, 2, 3], [4]]),
    ("States.ArrayPartition($.l, 0)", FAILS),
    ("States.ArrayPartition($.t, 1)", FAILS),
    ("States.ArrayContains($.l, 3)", True),
    ("States.ArrayContains($.l, '3')", False),
    ("States.ArrayContains(States.Array(1), true)", False),
    ("States.ArrayContains(States.Array($.o), $.o)", True),
    ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
    ("States.ArrayRange(3, 1, -1)", [3, 2, 1]),
    ("States.ArrayRange(1, 2, 0)", FAILS),
    ("States.ArrayRange(1, 1001, 1)", FAILS),
    ("States.ArrayGetItem($.l, 1)", 2),
    ("States.ArrayGetItem($.l, 4)", FAILS),
    ("States.ArrayGetItem($.l, -1)", FAILS),
    ("States.ArrayLength($.l)", 4),
    ("States.ArrayLength($.o)", FAILS),
    ("States.ArrayUnique(States.Array(1, 2, 1, '1', 2))", [1, 2, "1"]),
    ("States.Base64Encode('é')", "w6k="),
    ("States.Base64Decode('w6k=')", "é"),
    ("States.Base64Decode('?')", FAILS),
    ("States.Hash('x', 'MD5')", "9dd4e461268c8034f5c8564e155c67a6"),
    ("States.Hash('x', 'SHA-1')", "11f6ad8ec52a2984abaafd7c3b516503785c2072"),
    ("States.Hash('x', 'SHA-256')", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"),
    ("States.Hash('x', 'SHA-3')", FAILS),
    ('States.JsonMerge($.o, States.StringToJson(\'{"k": 1, "z": 2}\'), false)', {"k": 1, "z": 2}),
    ("States.JsonMerge($.o, $.o, true)", FAILS),
    ("States.JsonMerge($.o, $.l, false)", FAILS),
    ("States.MathAdd($.n, -1)", 2),
    ("States.MathAdd(1.6, 1)", 3),
    ("States.MathAdd(0.5, 2.5)", 4),
    ("States.MathAdd(-1.5, -1.51)", -3),
    ("States.MathAdd($.t, 1)", FAILS),
    ("States.MathAdd($.yes, 1)", FAILS),
    ("States.MathAdd(1)", FAILS),
    ("States.MathRandom(1, 2)", 1),
    ("States.MathRandom(2, 1)", FAILS),
    ("States.StringSplit('1,2;3,,4', ',;')", ["1", "2", "3", "4"]),
    ("States.StringSplit('a.b', '.')", ["a", "b"]),
    ("States.StringSplit('a', '')", FAILS),
    (" States.MathAdd( 1 , 2 ) ", 3),
    ("States.Format('{}', $.missing)", INVALID),
    ("States.Format('{}', $.l[?(@ > 2)])", "[3, 4]"),
    ("States.Format('{}', $$.Execution.Input)", "{given=1}"),
    ("States.Unknown(1)", INVALID),
    ("States.MathAdd(1, 2", INVALID),
    ("States.MathAdd(1, 2) 3", INVALID),
    ("States.MathAdd(1, x)", INVALID),
]


@pytest.mark.parametrize(("call", "expected"), CASES)
def test_a_call_makes(call: str, expected: Any) -> None:
    output = ended({"S": {"Type": "Pass", "End": True, "Parameters": {"x.$": call}}}, DATA)

    assert output == (expected if isinstance(expected, Fails) else {"x": expected})


def test_a_random_number_is_in_its_range_and_the_same_for_a_seed() -> None:
    def drawn(call: str) -> Any:
        return ended({"S": {"Type": "Pass", "End": True, "Parameters": {"x.$": call}}}, {})["x"]

    assert {drawn("States.MathRandom(1, 3)") for _ in range(100)} == {1, 2}
    assert drawn("States.MathRandom(1, 1000000, 7)") == drawn("States.MathRandom(1, 1000000, 7)")


def test_uuids_differ() -> None:
    states = {
        "S": {"Type": "Pass", "End": True, "Parameters": {"a.$": "States.UUID()", "b.$": "States.UUID()"}}
    }
    made = ended(states, {})

    assert made["a"] != made["b"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["a"])
