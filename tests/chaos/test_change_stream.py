"""Changes that come twice, and out of order, are in the lake once."""

from __future__ import annotations

from random import Random

import pytest

from tests.chaos.change_stream import Echo
from tests.chaos.load import Load
from tests.chaos.system import System

pytestmark = pytest.mark.chaos


def test_repeated_and_reordered_changes_show_once(system: System, rng: Random) -> None:
    load = Load.start(system)
    load.await_accepted(1)
    with Echo(system.target(), rng) as echo:
        load.await_accepted(1500)
    load.stop()

    account = load.verified()

    assert echo.repeated > 100
    assert account["delivered"] == account["stored"]
