"""The scenarios of the state machines in other interpreters, beside the embedded AWS's."""

from __future__ import annotations

import pytest

from nrti_local.stepfunctions.asl.machine import Machine
from tests.clients import fidelity
from tests.clients.interpreters import Interpreter, Outcomes
from tests.unit.scenarios import SCENARIOS
from tests.unit.workflow import DEFINITIONS
from tests.unit.workflow_outcomes import outcome, without_chance

pytestmark = pytest.mark.clients

_MACHINES = {name: without_chance(definition) for name, definition in DEFINITIONS.items()}
#: These interpreters retry States.DataLimitExceeded by States.ALL; on AWS only its own name matches it.
_SIZES = {
    "a request near the limit": {"moments"},
    "a request near the limit without a queue": {"moments"},
    "a request near the limit, and a queue that takes too long": {"moments"},
    "a request that is too large for the bucket": {"calls", "moments"},
    "labels whose answer is too large": {"calls", "moments"},
    "labels that are too large for the bucket": {"calls", "moments"},
}
#: The parts of outcomes that differ, by interpreter and scenario.
DIFFERENCES: dict[str, dict[str, set[str]]] = {
    "LocalStack": {
        **_SIZES,
        # The time-out of an iteration becomes States.Runtime.
        "a queue that takes too long for a rejected event": {"calls"},
    },
    "aws-local-stepfunctions": {
        **_SIZES,
        # States.TaskFailed matches States.DataLimitExceeded, too.
        "an answer of the function that is too large": {"calls", "moments"},
        # A time-out has a cause, which is parked with the request. AWS gives none.
        "a function that takes too long": {"calls"},
        "a function that takes too long to give back": {"calls"},
        "a queue that takes too long for a rejected event": {"calls"},
    },
}


@pytest.fixture(scope="module")
def outcomes(interpreter: Interpreter) -> Outcomes:
    return interpreter.outcomes(_MACHINES, SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_another_interpreter_agrees(interpreter: Interpreter, outcomes: Outcomes, name: str) -> None:
    scenario, theirs = SCENARIOS[name], outcomes[name]

    ours = outcome(Machine(_MACHINES[scenario.machine]), scenario)

    differing = {part for part in ours | theirs if ours.get(part) != theirs.get(part)}
    assert differing == DIFFERENCES[interpreter.name].get(name, set()), (ours, theirs)


def test_the_documents_have_the_figures() -> None:
    same, less = (len(SCENARIOS) - len(differing) for differing in DIFFERENCES.values())

    fidelity.says(f"{len(SCENARIOS)} scenarios; {same} the same in LocalStack, {less} in the other one")
