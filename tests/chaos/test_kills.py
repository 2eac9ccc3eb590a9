"""Whatever of the embedded AWS is killed, and when: nothing that was accepted is lost or stored twice."""

from __future__ import annotations

import time
from random import Random

import pytest

from tests.chaos import processes
from tests.chaos.load import Load
from tests.chaos.system import System

pytestmark = pytest.mark.chaos

_KILLS = 10


def test_the_embedded_aws_is_killed_at_ten_random_moments(system: System, rng: Random) -> None:
    load = Load.start(system)
    load.await_accepted(1)
    for _ in range(_KILLS):
        time.sleep(rng.uniform(0, 4))
        system.crash()
        system.start()
    load.stop()

    account = load.verified()

    assert account["dead"] == 0, account


@pytest.mark.parametrize(
    "role", ["model server", "sagemaker", "inference worker", "transform worker", "delivery bridge"]
)
def test_one_of_its_processes_is_killed_again_and_again(system: System, rng: Random, role: str) -> None:
    load = Load.start(system)
    load.await_accepted(1)
    for _ in range(3):
        processes.await_role(system.pid, role)
        time.sleep(rng.uniform(0.5, 2.5))
        assert processes.kill(system.pid, role), f"there is no {role}"
    processes.await_role(system.pid, role)
    load.stop()

    load.verified()
