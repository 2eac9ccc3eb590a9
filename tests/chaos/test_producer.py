"""The producer is killed, and the next one goes on with what it left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from nrti_cli.ledger import sent_path
from tests.chaos.load import Load
from tests.chaos.system import System
from tests.waiting import eventually

pytestmark = pytest.mark.chaos


def test_a_killed_producer_goes_on_with_its_own_leftover(system: System) -> None:
    """It is killed while no server answers, so that it has events in flight."""
    load = Load.start(system)
    load.await_accepted(300)
    system.crash()
    eventually(lambda: _lines(sent_path(load.ledger)) - load.accepted, lambda unanswered: unanswered >= 50)
    load.kill()
    system.start()

    again = Load.start(system, "--count", "100")
    totals = again.wait(60)

    assert totals.accepted == totals.sent
    assert totals.sent > 100, "the leftover was not sent"
    assert not sent_path(load.ledger).exists()
    assert again.verified()["dead"] == 0


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")
