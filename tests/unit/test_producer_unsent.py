from __future__ import annotations

import json
from pathlib import Path

import pytest

from nrti_cli.errors import UsageError
from nrti_cli.producer.unsent import Unsent


def test_the_file_appears_with_the_first_event(tmp_path: Path) -> None:
    unsent = Unsent(tmp_path / "unsent.jsonl")
    assert not unsent.path.exists()
    unsent.write([{"event_id": "a"}, {"event_id": "b"}])
    unsent.write([{"event_id": "c"}])
    assert [json.loads(line)["event_id"] for line in unsent.path.read_text().splitlines()] == ["a", "b", "c"]
    unsent.close()


def test_a_file_that_may_hold_events_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "unsent.jsonl").write_text("{}\n")
    with pytest.raises(UsageError, match="exists and may hold events"):
        Unsent(tmp_path / "unsent.jsonl")


def test_a_directory_that_does_not_exist_is_found_out_beforehand(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="could not be written"):
        Unsent(tmp_path / "missing" / "unsent.jsonl")
