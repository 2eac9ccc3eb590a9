"""The scenarios of the state machines, by the interpreter of the embedded AWS."""

from __future__ import annotations

import pytest

from nrti_local.stepfunctions.asl.errors import StateError
from tests.unit.scenarios import SCENARIOS
from tests.unit.scenarios.scenario import Scenario
from tests.unit.workflow import run

_LETTERS = {
    "invoke": "i",
    "batchWriteItem": "d",
    "sendMessage": "q",
    "startExecution": "s",
    "putObject": "k",
}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_scenario_ends_as_expected(scenario: Scenario) -> None:
    services = scenario.services()
    try:
        output = run(services, scenario.request, scenario.machine)
    except StateError as error:
        output = error.error

    assert output == scenario.output
    assert "".join(_LETTERS[action] for action, _ in services.calls) == scenario.calls
