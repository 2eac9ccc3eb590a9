"""How often an event crosses between nrti_local and the private functions of ministack."""

from __future__ import annotations

from pathlib import Path

from tests.local import crossings

#: Crossings of an event at most.
_MOST = 40


def test_an_event_crosses_seldom(tmp_path: Path) -> None:
    found = crossings.measure(tmp_path)

    assert sum(found.values()) <= _MOST, found
