"""InputPath, Parameters, ResultSelector, ResultPath and OutputPath, by the Amazon States Language."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.nrti_local.stepfunctions.asl.interpreter import Fails, ended

DATA = {
    "a": {"b": [1, 2, 3], "c": "text"},
    "n": 5,
    "yes": True,
    "none": None,
    "books": [{"title": "x", "price": 3, "isbn": 1}, {"title": "y", "price": 9}],
    "a key": {"it's": 1},
    "größe-1_a": 2,
    "0": "zero",
    "a.[b": 3,
    'back\\slash \\"': 4,
}
PASS = {"Type": "Pass", "End": True}
MISSING = Fails("States.Runtime")
RUNTIME = Fails("States.Runtime")
NO_MATCH = Fails("States.ResultPathMatchFailure")

#: A path in Parameters, and what it leads to.
PATHS: list[tuple[str, Any]] = [
    ("$", DATA),
    ("$.n", 5),
    ("$.a.b", [1, 2, 3]),
    ("$.a.b[0]", 1),
    ("$.a.b[-1]", 3),
    ("$['a']['c']", "text"),
    ('$["a"]["c"]', "text"),
    ("$['a key']['it\\'s']", 1),
    ("$.['a'].['b'].[0]", 1),
    ("$.books.[?(@.price > 5)].title", ["y"]),
    ("$..['price']", [3, 9]),
    ("$['a.[b']", 3),
    ("$['back\\\\slash \\\"']", 4),
    ('$["back\\\\slash \\\\\\""]', 4),
    ("$.größe-1_a", 2),
    ("$.0", "zero"),
    ("$.none", None),
    ("$.yes", True),
    ("$.a.b[*]", [1, 2, 3]),
    ("$.a.b[0:2]", [1, 2]),
    ("$.a.b[-2:]", [2, 3]),
    ("$.a.b[::2]", [1, 3]),
    ("$.a.b[0,2]", [1, 3]),
    ("$.a['b','c']", [[1, 2, 3], "text"]),
    ("$..price", [3, 9]),
    ("$.books[*].title", ["x", "y"]),
    ("$.books[?(@.price > 5)]", [{"title": "y", "price": 9}]),
    ("$.books[?(@.title == 'x')].price", [3]),
    ("$.books[?(@.isbn)].title", ["x"]),
    ("$.books[?(@.price > 2 && @.title == 'y')].title", ["y"]),
    ("$.books[?(@.price > 100)]", []),
    ("$.a.b.length()", 3),
    ("$.length()", len(DATA)),
    ("$.books[?(@.price > 1)].length()", 2),
    ("$.a.c.length()", MISSING),
    ("$.missing.length()", MISSING),
    ("$..missing", []),
    ("$.books[?(@.title == '..x')]", []),
    ("$.books[?(@.title in ['x'])].price", [3]),
    ("$.books[*].isbn", [1]),
    ("$.missing", MISSING),
    ("$.a.b[3]", MISSING),
    ("$.a.b[-4]", MISSING),
    ("$.a.b.c", MISSING),
    ("$.a.c[0]", MISSING),
    ("$.n.x", MISSING),
    ("$.none.x", MISSING),
    ("$.a[0]", MISSING),
    ("$.a.", RUNTIME),
    ("$.a[", RUNTIME),
    ("a.b", RUNTIME),
    ("", RUNTIME),
    ("$$.Execution.Input.given", 1),
    ("$$.Execution.Name", "e"),
    ("$$.Execution.Id", "arn:e"),
    ("$$.Execution.RoleArn", "arn:r"),
    ("$$.StateMachine.Name", "m"),
    ("$$.StateMachine['Id']", "arn:m"),
    ("$$.State.Name", "S"),
    ("$$.State.RetryCount", 0),
    ("$$.Task.Token", MISSING),
    ("$$.Map.Item.Value", MISSING),
]

#: The fields of a Pass state, and its output or error.
FIELDS: list[tuple[dict[str, Any], Any]] = [
    ({}, DATA),
    ({"InputPath": "$.a"}, DATA["a"]),
    ({"InputPath": None}, {}),
    ({"InputPath": "$.missing"}, RUNTIME),
    ({"InputPath": "$$.StateMachine"}, {"Id": "arn:m", "Name": "m"}),
    ({"OutputPath": "$.a.c"}, "text"),
    ({"OutputPath": None}, {}),
    ({"OutputPath": "$.missing"}, RUNTIME),
    ({"OutputPath": "$.a.b[0:2]"}, [1, 2]),
    ({"InputPath": "$.a", "OutputPath": "$.b"}, [1, 2, 3]),
    ({"Result": {"r": 1}}, {"r": 1}),
    ({"Result": None}, None),
    ({"Result": {"x.$": "$.a"}}, {"x.$": "$.a"}),
    ({"Result": 1, "ResultPath": "$.n"}, {**DATA, "n": 1}),
    ({"Result": 1, "ResultPath": "$.new"}, {**DATA, "new": 1}),
    ({"Result": 1, "ResultPath": "$.a.c"}, {**DATA, "a": {"b": [1, 2, 3], "c": 1}}),
    ({"Result": 1, "ResultPath": "$.new.deep.er"}, {**DATA, "new": {"deep": {"er": 1}}}),
    ({"Result": 1, "ResultPath": "$['a']['d']"}, {**DATA, "a": {"b": [1, 2, 3], "c": "text", "d": 1}}),
    ({"Result": 0, "ResultPath": "$.a.b[1]"}, {**DATA, "a": {"b": [1, 0, 3], "c": "text"}}),
    ({"Result": 0, "ResultPath": "$.a.b[3]"}, NO_MATCH),
    ({"Result": 1, "ResultPath": "$.n.x"}, NO_MATCH),
    ({"Result": 1, "ResultPath": "$.a.c.x"}, NO_MATCH),
    ({"Result": 1, "ResultPath": "$.a.b.x"}, NO_MATCH),
    ({"Result": 1, "ResultPath": None}, DATA),
    ({"Result": 1, "ResultPath": "$.r", "OutputPath": "$.r"}, 1),
    ({"Result": 1, "ResultPath": "$.books[*].r"}, RUNTIME),
    ({"Result": 1, "ResultPath": "$$.State.r"}, RUNTIME),
    ({"Parameters": {}}, {}),
    ({"Parameters": {"fixed": [1, {"x": "$.a"}]}}, {"fixed": [1, {"x": "$.a"}]}),
    ({"Parameters": {"x.$": "$.n", "y": {"z.$": "$.a.c"}}}, {"x": 5, "y": {"z": "text"}}),
    (
        {"Parameters": {"l": [{"x.$": "$.n"}, "$.n", [{"y.$": "$.yes"}]]}},
        {"l": [{"x": 5}, "$.n", [{"y": True}]]},
    ),
    ({"InputPath": "$.a", "Parameters": {"x.$": "$.c"}}, {"x": "text"}),
    ({"Parameters": {"x.$": 1}}, RUNTIME),
    ({"Parameters": {"x.$": "text"}}, RUNTIME),
    ({"Parameters": {"x.$": "$.n"}, "ResultPath": "$.made"}, {**DATA, "made": {"x": 5}}),
    ({"InputPath": "$.a.b.length()"}, 3),
    ({"OutputPath": "$.length()"}, len(DATA)),
    ({"Result": 1, "ResultPath": "$.a.length()"}, RUNTIME),
    ({"QueryLanguage": "JSONPath"}, DATA),
]


@pytest.mark.parametrize(("path", "expected"), PATHS)
def test_a_path_leads_to(path: str, expected: Any) -> None:
    output = ended({"S": {**PASS, "Parameters": {"x.$": path}}}, DATA)

    assert output == (expected if isinstance(expected, Fails) else {"x": expected})


@pytest.mark.parametrize(("fields", "expected"), FIELDS)
def test_the_fields_of_a_pass_state_make(fields: dict[str, Any], expected: Any) -> None:
    assert ended({"S": {**PASS, **fields}}, DATA) == expected


@pytest.mark.parametrize("given", [[1], "text", 1, None])
def test_a_result_has_no_place_in_an_input_that_is_not_an_object(given: Any) -> None:
    assert ended({"S": {**PASS, "Result": 1, "ResultPath": "$.r"}}, given) == NO_MATCH


def test_a_result_selector_reads_the_result_and_the_context() -> None:
    selector = {"r.$": "$.made", "of.$": "$$.StateMachine.Name"}
    task = {"Type": "Task", "Resource": "r", "End": True, "ResultSelector": selector, "ResultPath": "$.t"}

    assert ended({"S": task}, DATA, lambda _: {"made": 2}) == {**DATA, "t": {"r": 2, "of": "m"}}
    assert ended({"S": task}, DATA, lambda _: {}) == MISSING
