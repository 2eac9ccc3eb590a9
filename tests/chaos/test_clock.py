"""A laptop sleeps, or is off over a weekend: what was on its way to the lake still comes there."""

from __future__ import annotations

import os
import signal

import pytest

from tests.chaos.load import Load
from tests.chaos.sleeping_server import CLOCK
from tests.chaos.system import System

pytestmark = pytest.mark.chaos

#: More than a Kinesis stream keeps a record.
_AHEAD = 25 * 3600


def _jump(system: System, seconds: int) -> None:
    (system.layout.root / CLOCK).write_text(str(seconds))


def test_what_was_on_its_way_when_the_clock_jumped_comes_to_the_lake(sleeping: System) -> None:
    sleeping.does("bootstrap", "--buffer-seconds", "10")  # long enough for much to be on its way
    load = Load.start(sleeping)
    load.await_accepted(600)
    _jump(sleeping, _AHEAD)
    os.kill(sleeping.pid, signal.SIGUSR1)  # it slept
    load.await_accepted(600)
    sleeping.crash()
    _jump(sleeping, 3 * _AHEAD)  # it was off
    sleeping.start()
    load.await_accepted(100)
    load.stop()

    account = load.verified()

    assert account["dead"] == 0, account
