"""The scenarios of the state machines by an interpreter of other people's, beside the embedded AWS's."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nrti_local.stepfunctions.asl.errors import StateError
from tests.clients.venv import PROGRAMS, ROOT
from tests.unit.workflow import DEFINITIONS, run
from tests.unit.workflow_scenarios import SCENARIOS, Scenario

pytestmark = pytest.mark.clients

_PACKAGES = ROOT / ".venv-javascript" / "node_modules"
_PROGRAM = "run_scenarios.mjs"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What aws-local-stepfunctions makes of each scenario."""
    if not shutil.which("node") or not (_PACKAGES / "aws-local-stepfunctions").is_dir():
        pytest.skip(
            "Node.js or aws-local-stepfunctions is missing; `make test-workflow` installs the package"
        )
    directory = tmp_path_factory.mktemp("scenarios")
    (directory / "node_modules").symlink_to(_PACKAGES)
    shutil.copy(PROGRAMS / "javascript" / _PROGRAM, directory)
    scenarios = {name: dataclasses.asdict(scenario) for name, scenario in SCENARIOS.items()}
    given = directory / "scenarios.json"
    given.write_text(json.dumps({"definitions": DEFINITIONS, "scenarios": scenarios}))
    return _printed(directory, given)


def _printed(directory: Path, given: Path) -> Any:
    done = subprocess.run(
        ["node", _PROGRAM, given.name],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=directory,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _ours(scenario: Scenario) -> dict[str, Any]:
    services = scenario.services()
    try:
        ended = {"output": run(services, scenario.request, scenario.machine)}
    except StateError as error:
        ended = {"error": error.error}
    return {**ended, "calls": [list(call) for call in services.calls]}


@pytest.mark.parametrize("name", SCENARIOS)
def test_another_interpreter_agrees(outcomes: Any, name: str) -> None:
    assert outcomes[name] == _ours(SCENARIOS[name])
