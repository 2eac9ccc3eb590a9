"""Other people's interpreters of state machines, which run the scenarios of tests/unit/scenarios/."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.clients import node
from tests.clients.venv import PROGRAMS, Venv
from tests.unit.scenarios.scenario import Scenario
from tests.unit.workflow import ACTIONS, EXECUTION
from tests.unit.workflow_outcomes import Definition

#: What comes of scenarios, by their names.
Outcomes = dict[str, dict[str, Any]]

_TARGET = "judge-workflow"
#: On a busy machine LocalStack alone takes seconds until it is imported.
_SECONDS = 300


def _by_localstack(given: Path) -> str:
    environment = Venv.of("workflow", _TARGET)
    return environment.succeed(PROGRAMS / "run_scenarios.py", given, variables={}, timeout=_SECONDS)


def _by_aws_local_stepfunctions(given: Path) -> str:
    node.require("aws-local-stepfunctions", _TARGET)
    return node.run(given.parent, "run_scenarios.mjs", given.name)


#: By their names: from a file with machines and scenarios to what comes of the scenarios, as JSON.
INTERPRETERS: dict[str, Callable[[Path], str]] = {
    "LocalStack": _by_localstack,
    "aws-local-stepfunctions": _by_aws_local_stepfunctions,
}


class Interpreter:
    """One of them.

    Args:
        name: of the interpreter.
        directory: for its files.
    """

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self._directory = directory

    def outcomes(self, definitions: Mapping[str, Definition], scenarios: Mapping[str, Scenario]) -> Outcomes:
        """What comes of scenarios."""
        plain = {name: _plain(scenario) for name, scenario in scenarios.items()}
        given = self._directory / "scenarios.json"
        given.write_text(json.dumps({"definitions": definitions, "execution": EXECUTION, "scenarios": plain}))
        outcomes: Outcomes = json.loads(INTERPRETERS[self.name](given))
        return outcomes


def _plain(scenario: Scenario) -> dict[str, Any]:
    answers = {action: getattr(scenario, service) for action, service in ACTIONS.items()}
    return {"machine": scenario.machine, "request": scenario.request, "answers": answers}
