"""The scenarios of the state machine, by the interpreter of the embedded AWS."""

from __future__ import annotations

import pytest

from nrti_local.stepfunctions.asl.errors import StateError
from tests.unit.workflow import run
from tests.unit.workflow_scenarios import SCENARIOS, Scenario

_LETTERS = {"invoke": "i", "batchWriteItem": "d", "sendMessage": "q"}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_scenario_ends_as_expected(scenario: Scenario) -> None:
    services = scenario.services()
    try:
        output = run(services, scenario.request)
    except StateError as error:
        output = error.error

    assert output == scenario.output
    assert "".join(_LETTERS[action] for action, _ in services.calls) == scenario.calls
