"""Paths, conditions and functions by other people's interpreters, over inputs that hypothesis makes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nrti_local.stepfunctions.asl import functions
from nrti_local.stepfunctions.asl.machine import Machine
from tests.clients import fidelity
from tests.clients.interpreters import Interpreter
from tests.clients.intrinsic_functions import FUNCTIONS, SCALARS
from tests.unit.scenarios.scenario import Scenario
from tests.unit.workflow import DEFINITIONS
from tests.unit.workflow_outcomes import Definition, outcome, without_chance

pytestmark = pytest.mark.clients

#: Inputs for each expression.
_EXAMPLES = 40

#: LocalStack adds true as 1, and a condition whose path leads to nothing is false there. On AWS both fail.
LENIENT = frozenset({"LocalStack"})

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
        return SCALARS | st.booleans() | st.integers(0, 40)
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
    interpreter: Interpreter, definitions: dict[str, Definition], inputs: dict[str, list[Any]]
) -> list[tuple[str, Any, Any, Any]]:
    """The machines and inputs for which another interpreter ends otherwise: how this and that one ends."""
    scenarios = {
        f"{name} {number}": Scenario(value, [], "", None, machine=name)
        for name, values in inputs.items()
        for number, value in enumerate(values)
    }
    theirs = interpreter.outcomes(definitions, scenarios)
    ours = {
        name: outcome(Machine(definitions[scenario.machine]), scenario)
        for name, scenario in scenarios.items()
    }
    assert scenarios
    return [
        (scenario.machine, scenario.request, _end(ours[name]), _end(theirs[name]))
        for name, scenario in scenarios.items()
        if _end(ours[name]) != _end(theirs[name])
        and not (interpreter.name in LENIENT and "error" in ours[name])
    ]


def _end(outcome: dict[str, Any]) -> Any:
    """The output as JSON, in which 1, 1.0 and true differ; of errors each interpreter has its own."""
    return "fails" if "error" in outcome else json.dumps(outcome["output"], sort_keys=True)


def test_expressions_and_conditions_of_the_workflows_have_the_same_values(interpreter: Interpreter) -> None:
    used = _used()
    inputs = {text: _made(_document(text)) for text in used}

    assert _disagreements(interpreter, used, inputs) == []
    fidelity.says(f"{len(used)} expressions, {_count(inputs):,} inputs")


def test_intrinsic_functions_have_the_same_values(interpreter: Interpreter) -> None:
    judged = [each for each in FUNCTIONS if interpreter.name in each.judges]
    calls = {f"{number} {each.call}": each for number, each in enumerate(judged)}
    definitions = {name: _evaluated(each.call) for name, each in calls.items()}
    inputs = {name: _made(st.fixed_dictionaries(each.inputs)) for name, each in calls.items()}

    assert _disagreements(interpreter, definitions, inputs) == []
    fidelity.says(f"{_count(inputs)} inputs in {interpreter.name}")


def _count(inputs: dict[str, list[Any]]) -> int:
    return sum(map(len, inputs.values()))


def test_the_documents_have_the_number_of_functions() -> None:
    compared = {each.call.partition("(")[0] for each in FUNCTIONS}

    assert compared <= set(functions.FUNCTIONS)
    fidelity.says(f"{len(compared)} of {len(functions.FUNCTIONS)} functions")
