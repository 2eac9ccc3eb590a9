"""The short form of `make chaos`, for every run of the tests: all that can be killed, once."""

from __future__ import annotations

from tests.chaos import processes
from tests.chaos.load import Load
from tests.chaos.system import System

#: Events a second: half as many as in `make chaos`, for a second between two kills.
_RATE = 50


def test_nothing_that_was_accepted_is_lost_or_double_whatever_is_killed(system: System) -> None:
    load = Load.start(system, rate=_RATE)
    load.await_accepted(_RATE)
    for role in ("model server", "inference worker", "transform worker", "delivery bridge"):
        processes.kill(system.pid, role)
    load.await_accepted(_RATE)
    # Twice in a row: what was accepted while it came back must not be forgotten either.
    for _ in range(2):
        system.crash()
        system.start()
    load.await_accepted(_RATE)
    load.stop()

    load.verified()
