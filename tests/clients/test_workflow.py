"""The scenarios of the state machines by other people's interpreters, beside the embedded AWS's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nrti_local.stepfunctions.asl.machine import Machine
from tests.clients import node
from tests.clients.venv import PROGRAMS, Venv
from tests.unit.scenarios import SCENARIOS
from tests.unit.scenarios.scenario import Scenario
from tests.unit.workflow import ACTIONS, DEFINITIONS, EXECUTION
from tests.unit.workflow_outcomes import Definition, outcome, without_chance

pytestmark = pytest.mark.clients

#: On a busy machine LocalStack alone takes seconds until it is imported.
_SECONDS = 300

#: What comes of scenarios, by their names.
Outcomes = dict[str, dict[str, Any]]

_SIZES = {
    "a request near the limit": {"moments"},
    "a request near the limit without a queue": {"moments"},
    "a request that is too large for the bucket": {"calls", "moments"},
    "labels whose answer is too large": {"calls", "moments"},
    "labels that are too large for the bucket": {"calls", "moments"},
}
#: The parts of outcomes that differ. These interpreters retry States.DataLimitExceeded by States.ALL, and the
#: second one by States.TaskFailed as well; on AWS only its own name matches it.
DIFFERENCES: dict[str, dict[str, set[str]]] = {
    "LocalStack": _SIZES,
    "aws-local-stepfunctions": {
        **_SIZES,
        "an answer of the function that is too large": {"calls", "moments"},
    },
}


def _by_localstack(given: Path) -> str:
    environment = Venv.of("workflow", "judge-workflow")
    return environment.succeed(PROGRAMS / "run_scenarios.py", given, variables={}, timeout=_SECONDS)


def _by_aws_local_stepfunctions(given: Path) -> str:
    node.require("aws-local-stepfunctions", "judge-workflow")
    return node.run(given.parent, "run_scenarios.mjs", given.name)


INTERPRETERS: dict[str, Callable[[Path], str]] = {
    "LocalStack": _by_localstack,
    "aws-local-stepfunctions": _by_aws_local_stepfunctions,
}


def _plain(scenario: Scenario) -> dict[str, Any]:
    answers = {action: getattr(scenario, service) for action, service in ACTIONS.items()}
    return {"machine": scenario.machine, "request": scenario.request, "answers": answers}


class Judge:
    """One interpreter.

    Args:
        name: of the interpreter.
        directory: for its files.
    """

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self._run = INTERPRETERS[name]
        self._directory = directory

    def outcomes(self, definitions: Mapping[str, Definition], scenarios: Mapping[str, Scenario]) -> Outcomes:
        """What comes of scenarios by this interpreter."""
        given = self._directory / "scenarios.json"
        plain = {name: _plain(scenario) for name, scenario in scenarios.items()}
        given.write_text(json.dumps({"definitions": definitions, "execution": EXECUTION, "scenarios": plain}))
        outcomes: Outcomes = json.loads(self._run(given))
        return outcomes


@pytest.fixture(scope="module", params=INTERPRETERS)
def judge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    return Judge(request.param, tmp_path_factory.mktemp("scenarios"))


@pytest.fixture(scope="module")
def settled() -> dict[str, Definition]:
    return {name: without_chance(definition) for name, definition in DEFINITIONS.items()}


@pytest.fixture(scope="module")
def outcomes(judge: Judge, settled: dict[str, Definition]) -> Outcomes:
    return judge.outcomes(settled, SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_another_interpreter_agrees(
    judge: Judge, outcomes: Outcomes, settled: dict[str, Definition], name: str
) -> None:
    scenario, theirs = SCENARIOS[name], outcomes[name]

    ours = outcome(Machine(settled[scenario.machine]), scenario)

    differing = {part for part in ours | theirs if ours.get(part) != theirs.get(part)}
    assert differing == DIFFERENCES[judge.name].get(name, set()), (ours, theirs)
