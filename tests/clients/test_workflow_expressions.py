"""Paths, conditions and functions by other people's interpreters, over inputs that hypothesis makes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nrti_local.stepfunctions.asl.machine import Machine
from tests.clients.test_workflow import INTERPRETERS, Judge
from tests.clients.test_workflow import judge as judge  # noqa: PLC0414 (a fixture)
from tests.unit.scenarios.scenario import Scenario
from tests.unit.workflow import DEFINITIONS
from tests.unit.workflow_outcomes import Definition, outcome, without_chance

pytestmark = pytest.mark.clients

#: Inputs for each expression.
_EXAMPLES = 40

_ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="\\"), max_size=8)
_PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), max_size=8)
_TEXT = _PLAIN | st.sampled_from(["{}", "\\", "\\{\\}", "\\'", "a\\b"])
_INTEGERS = st.integers(-1_000, 1_000)
_NUMBERS = _INTEGERS | st.floats(-1_000, 1_000, width=32) | st.sampled_from([0.5, 1.5, -0.5, -1.5])
_SCALARS = st.none() | st.booleans() | _INTEGERS | _PLAIN
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
# LocalStack takes true for 1.
_DISTINCT = st.none() | _INTEGERS | _PLAIN
_ARRAYS = st.lists(_DISTINCT, max_size=6)
_OBJECTS = st.dictionaries(st.sampled_from("abcd"), _VALUES, max_size=3)
_ENCODED = _ASCII.map(lambda text: base64.b64encode(text.encode()).decode())

_ALL = frozenset(INTERPRETERS)
_LOCALSTACK, _NPM = frozenset({"LocalStack"}), frozenset({"aws-local-stepfunctions"})


@dataclass(frozen=True)
class Function:
    """Calls of an intrinsic function.

    Attributes:
        call: its text.
        inputs: the members of the input.
        judges: the interpreters that read the function as AWS documents or answers it, for these inputs.
    """

    call: str
    inputs: dict[str, SearchStrategy[Any]]
    judges: frozenset[str] = _ALL


FUNCTIONS = (
    Function("States.Format('{}{}', $.a, $.b)", {"a": _PLAIN, "b": _PLAIN | _INTEGERS}),
    # The other one takes escapes out of the arguments, too, and takes no arrays and objects.
    Function("States.Format('{} {}', $.a, $.b)", {"a": _TEXT, "b": _TEXT}, _LOCALSTACK),
    Function("States.Format('<{}>', $.a)", {"a": _VALUES}, _LOCALSTACK),
    Function("States.MathAdd($.a, $.b)", {"a": _INTEGERS, "b": _INTEGERS}),
    # The other one does not round.
    Function("States.MathAdd($.a, $.b)", {"a": _NUMBERS, "b": _NUMBERS}, _LOCALSTACK),
    Function("States.Array($.a, 1, 'x', true)", {"a": _VALUES}),
    Function("States.ArrayPartition($.a, $.b)", {"a": _ARRAYS, "b": st.integers(1, 5)}),
    Function("States.ArrayContains($.a, $.b)", {"a": _ARRAYS, "b": _DISTINCT}),
    Function(
        "States.ArrayRange($.a, $.b, $.c)",
        {"a": st.integers(-9, 0), "b": st.integers(0, 9), "c": st.integers(1, 3)},
    ),
    # LocalStack refuses to count down.
    Function(
        "States.ArrayRange($.a, $.b, $.c)",
        {"a": st.integers(0, 9), "b": st.integers(-9, 0), "c": st.integers(-3, -1)},
        _NPM,
    ),
    Function("States.ArrayGetItem($.a, 0)", {"a": st.lists(_VALUES, min_size=1, max_size=3)}),
    Function("States.ArrayGetItem($.a, $.b)", {"a": _ARRAYS, "b": st.integers(0, 5)}, _LOCALSTACK),
    Function("States.ArrayLength($.a)", {"a": _VALUES}),
    Function("States.ArrayUnique($.a)", {"a": _ARRAYS}),
    # Neither encodes what is not ASCII: AWS's UTF-8 is in the unit tests.
    Function("States.Base64Encode($.a)", {"a": _ASCII}),
    Function("States.Base64Decode($.a)", {"a": _ENCODED}),
    Function(
        "States.Hash($.a, $.b)",
        {"a": _TEXT, "b": st.sampled_from(["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"])},
    ),
    Function("States.JsonMerge($.a, $.b, false)", {"a": _OBJECTS, "b": _OBJECTS}),
    Function("States.StringToJson($.a)", {"a": _VALUES.map(json.dumps)}),
    Function("States.StringToJson($.a)", {"a": _ASCII | st.sampled_from(["", " "])}, _LOCALSTACK),
    # LocalStack escapes what is not ASCII, and the other one takes out backslashes.
    Function("States.JsonToString($.a)", {"a": _VALUES}, _NPM),
    Function("States.JsonToString($.a)", {"a": st.lists(st.dictionaries(_ASCII, _ASCII))}, _LOCALSTACK),
    # The other one leaves empty parts.
    Function(
        "States.StringSplit($.a, $.b)",
        {"a": _TEXT | st.just("a,b;;c"), "b": st.sampled_from([",", ",;", ".", "|"])},
        _LOCALSTACK,
    ),
)

#: LocalStack adds true as 1, and a condition whose path leads to nothing is false there. On AWS both fail.
LENIENT = _LOCALSTACK

_PATH = re.compile(r"\$(?:\$\.Execution\.Input|(?!\$))((?:\.\w+|\['\w+'\]|\[\d+\])+)")
_STEP = re.compile(r"\.(\w+)|\['(\w+)'\]|\[(\d+)\]")


def _document(expression: str) -> SearchStrategy[Any]:
    """Inputs that have what the paths of an expression lead to, or something else there, or nothing."""
    tree: dict[Any, Any] = {}
    for found in _PATH.finditer(expression):
        node = tree
        for name, quoted, index in _STEP.findall(found[1]):
            node = node.setdefault(name or quoted or int(index), {})
    return _inputs(tree)


def _inputs(tree: dict[Any, Any]) -> SearchStrategy[Any]:
    if not tree:
        return _SCALARS | st.booleans() | st.integers(0, 40)
    if 0 in tree:
        return st.lists(_inputs(tree[0]), max_size=2)
    members = {name: _inputs(inner) for name, inner in tree.items()}
    return st.fixed_dictionaries(members) | st.fixed_dictionaries({}, optional=members)


def _evaluated(expression: str) -> Definition:
    state = {"Type": "Pass", "Parameters": {"value.$": expression}, "End": True}
    return {"StartAt": "Evaluate", "States": {"Evaluate": state}}


def _decided(rule: dict[str, Any]) -> Definition:
    states: dict[str, Any] = {
        "Decide": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
        **{name: {"Type": "Pass", "Result": name, "End": True} for name in ("Yes", "No")},
    }
    return {"StartAt": "Decide", "States": states}


def _parts(node: Any) -> Iterator[Definition]:
    """A machine for each expression and each condition of a machine, without those of the context object."""
    if isinstance(node, dict):
        if "Variable" in node:
            yield _decided(node)
        for name, value in node.items():
            if name.endswith(".$") and _PATH.search(value):
                yield _evaluated(value)
            yield from _parts(value)
    elif isinstance(node, list):
        for each in node:
            yield from _parts(each)


def _used() -> dict[str, Definition]:
    """What the workflows use, each once."""
    machines = [part for definition in DEFINITIONS.values() for part in _parts(without_chance(definition))]
    return {json.dumps(machine): machine for machine in machines}


def _made(strategy: SearchStrategy[Any]) -> list[Any]:
    made: list[Any] = []

    @settings(
        max_examples=_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        made.append(value)

    collect()
    return made


def _disagreements(
    judge: Judge, definitions: dict[str, Definition], inputs: dict[str, list[Any]]
) -> list[tuple[str, Any, Any, Any]]:
    """The machines and inputs for which another interpreter ends otherwise: how this and that one ends."""
    scenarios = {
        f"{name} {number}": Scenario(value, [], "", None, machine=name)
        for name, values in inputs.items()
        for number, value in enumerate(values)
    }
    theirs = judge.outcomes(definitions, scenarios)
    ours = {
        name: outcome(Machine(definitions[scenario.machine]), scenario)
        for name, scenario in scenarios.items()
    }
    assert scenarios
    return [
        (scenario.machine, scenario.request, _end(ours[name]), _end(theirs[name]))
        for name, scenario in scenarios.items()
        if _end(ours[name]) != _end(theirs[name]) and not (judge.name in LENIENT and "error" in ours[name])
    ]


def _end(outcome: dict[str, Any]) -> Any:
    """The output as JSON, in which 1, 1.0 and true differ; of errors each interpreter has its own."""
    return "fails" if "error" in outcome else json.dumps(outcome["output"], sort_keys=True)


def test_expressions_and_conditions_of_the_workflows_have_the_same_values(judge: Judge) -> None:
    used = _used()

    assert len(used) > 30
    assert _disagreements(judge, used, {text: _made(_document(text)) for text in used}) == []


def test_intrinsic_functions_have_the_same_values(judge: Judge) -> None:
    calls = {
        f"{number} {each.call}": each for number, each in enumerate(FUNCTIONS) if judge.name in each.judges
    }
    definitions = {name: _evaluated(each.call) for name, each in calls.items()}
    inputs = {name: _made(st.fixed_dictionaries(each.inputs)) for name, each in calls.items()}

    assert _disagreements(judge, definitions, inputs) == []
