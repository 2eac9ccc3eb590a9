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


def test_events_are_added_to_those_of_an_earlier_run(tmp_path: Path) -> None:
    event = {"sensor": "s", "model": "m", "data": [1]}
    for name in ("a", "b"):
        unsent = Unsent(tmp_path / "unsent.jsonl")
        unsent.write([{**event, "event_id": name}])
        unsent.close()

    lines = (tmp_path / "unsent.jsonl").read_text().splitlines()
    assert [json.loads(line)["event_id"] for line in lines] == ["a", "b"]


def test_a_directory_that_does_not_exist_is_found_out_beforehand(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        Unsent(tmp_path / "missing" / "unsent.jsonl")
