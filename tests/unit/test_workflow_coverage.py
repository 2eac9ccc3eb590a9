"""The scenarios reach every state and every transition of the state machines, and need every retrier.

Each test changes one place of a machine, and looks for a scenario that this changes.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from nrti_local.stepfunctions.asl.machine import Machine
from tests.unit.scenarios import SCENARIOS
from tests.unit.scenarios.scenario import Scenario
from tests.unit.workflow import DEFINITIONS
from tests.unit.workflow_outcomes import Definition, outcome, without_chance

#: Says what holds without it: States.TaskFailed, in a later retrier, does not match a timeout.
_IMPLIED = ("inference", ("States", "Infer", "Retry", 0, "ErrorEquals", 1))
#: All that the workflow of the labels waits for takes less: tests/unit/test_workflow_bounds.py.
_UNREACHED = ("labels", ("TimeoutSeconds",))
#: From the definition to a member, by keys and indices.
Path = tuple[Any, ...]

_REACHED = "Reached"
_FAIL = {"Type": "Fail", "Error": _REACHED}
_SETTLED = {name: without_chance(definition) for name, definition in DEFINITIONS.items()}


def _members(node: Any, path: Path = ()) -> Iterator[Path]:
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, member in pairs:
        yield (*path, key)
        yield from _members(member, (*path, key))


def _places(*endings: str, of: int) -> list[Any]:
    """The members of all machines whose path has one of the names, so many steps before its end."""
    return [
        pytest.param(machine, path, id=".".join(map(str, (machine, *path))))
        for machine, definition in DEFINITIONS.items()
        for path in _members(definition)
        if len(path) >= of and path[-of] in endings
    ]


def _changed(machine: str, path: Path, value: Any = None) -> Machine:
    """A machine with another value at a place, or without the place, and a state that fails as reached."""
    definition = copy.deepcopy(_SETTLED[machine])
    for place in _members(_SETTLED[machine]):
        if place[-1] == "States":
            _at(definition, place)[_REACHED] = _FAIL
    if value is None:
        del _at(definition, path[:-1])[path[-1]]
    else:
        _at(definition, path[:-1])[path[-1]] = value
    return Machine(definition)


def _at(definition: Definition, path: Path) -> Any:
    node: Any = definition
    for key in path:
        node = node[key]
    return node


@cache
def _scenarios(machine: str) -> dict[str, Scenario]:
    """Those of a machine, the small ones first."""
    small = sorted(SCENARIOS.items(), key=lambda item: len(str(item[1])))
    return {name: scenario for name, scenario in small if scenario.machine == machine}


@cache
def _before(name: str) -> dict[str, Any]:
    return outcome(Machine(_SETTLED[SCENARIOS[name].machine]), SCENARIOS[name])


def _reaches(machine: str, transition: Path) -> bool:
    changed = _changed(machine, transition, _REACHED)
    return any(
        outcome(changed, scenario).get("error") == _REACHED for scenario in _scenarios(machine).values()
    )


def _needs(machine: str, part: Path, instead: Any = None) -> bool:
    changed = _changed(machine, part, instead)
    return any(outcome(changed, scenario) != _before(name) for name, scenario in _scenarios(machine).items())


@pytest.mark.parametrize(("machine", "state"), _places("States", of=2))
def test_every_state_is_visited(machine: str, state: Path) -> None:
    assert _needs(machine, state, _FAIL)


@pytest.mark.parametrize(("machine", "transition"), _places("Next", "Default", of=1))
def test_every_transition_is_taken(machine: str, transition: Path) -> None:
    assert _reaches(machine, transition)


@pytest.mark.parametrize(("machine", "part"), _places("Retry", "Catch", "Choices", of=2))
def test_every_retrier_catcher_and_choice_makes_a_difference(machine: str, part: Path) -> None:
    assert _needs(machine, part)


@pytest.mark.parametrize(("machine", "limit"), _places("TimeoutSeconds", of=1))
def test_every_time_limit_is_reached(machine: str, limit: Path) -> None:
    assert _needs(machine, limit) == ((machine, limit) != _UNREACHED)


@pytest.mark.parametrize(("machine", "error"), _places("ErrorEquals", of=2))
def test_every_named_error_occurs(machine: str, error: Path) -> None:
    assert _needs(machine, error) == ((machine, error) != _IMPLIED)
