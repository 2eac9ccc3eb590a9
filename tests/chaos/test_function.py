"""The functions, updated while events come: an invocation that an update ends is tried again."""

from __future__ import annotations

import time
from random import Random

import pytest

from nrti_cli.stack.outputs import outputs
from tests.chaos.load import Load
from tests.chaos.system import System

pytestmark = pytest.mark.chaos


def test_functions_that_are_updated_again_and_again_cost_no_event(system: System, rng: Random) -> None:
    found, functions = outputs(system.target()), system.client("lambda")
    load = Load.start(system)
    load.await_accepted(1)
    for number in range(5):
        time.sleep(rng.uniform(0.5, 2))
        for name in (found.inference_function, found.transform_function):
            functions.update_function_configuration(FunctionName=name, Description=f"{number}")
    load.await_accepted(100)
    load.stop()

    account = load.verified()

    assert account["dead"] == 0, account
