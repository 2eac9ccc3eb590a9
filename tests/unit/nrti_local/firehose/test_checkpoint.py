"""What a bridge wrote and did not get to remember, or what the services forgot, is known afterwards."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nrti_local.firehose.checkpoint import Checkpoint, delivered, rewind
from nrti_local.firehose.source import Record

STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
NOW = int(time.time() * 1000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "delivery.json"


def _number(count: int, milliseconds: int = NOW) -> str:
    return f"{milliseconds:020d}{count:010d}"


def _records(*counts: int, shard: str = "shard-0", milliseconds: int = NOW) -> list[Record]:
    now = datetime.now(UTC)
    return [Record(shard, _number(count, milliseconds), now, b"") for count in counts]


def _opened(path: Path) -> Checkpoint:
    return Checkpoint(path, STREAM)


def _deliver(path: Path, key: str, records: list[Record]) -> None:
    checkpoint = _opened(path)
    checkpoint.note(key, records)
    checkpoint.advance(records)


def test_a_file_that_cannot_be_read_begins_at_the_oldest_record(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text("{")

    assert _opened(path).position("shard-0") is None
    assert "is corrupt" in caplog.text


def test_another_stream_begins_at_its_oldest_record(path: Path) -> None:
    _opened(path).advance(_records(1))

    assert Checkpoint(path, STREAM + "2").position("shard-0") is None


def test_an_object_that_was_written_and_not_remembered_is_known_after_a_kill(path: Path) -> None:
    _deliver(path, "first", _records(1, 2))
    _opened(path).note("second", _records(3))

    after = _opened(path)
    assert after.position("shard-0") == _number(2)
    assert after.beyond() == ["second"]
    after.forget_beyond()
    assert _opened(path).beyond() == []


def test_what_services_have_forgotten_is_delivered_again(path: Path) -> None:
    for count, key in enumerate(("first", "second", "third"), 1):
        _deliver(path, key, _records(2 * count, 2 * count + 1))

    rewind(path.parent, {STREAM: {"shard-0": _number(4)}})  # in the midst of the second object

    after = _opened(path)
    assert after.position("shard-0") == _number(3)
    assert after.beyond() == ["second", "third"]


def test_nothing_is_taken_back_that_services_still_have(path: Path) -> None:
    _deliver(path, "first", _records(1))
    before = path.read_text()

    rewind(path.parent, {STREAM: {"shard-0": _number(1)}, "another": {}})

    assert path.read_text() == before


def test_what_expired_in_the_stream_is_not_taken_for_forgotten(path: Path) -> None:
    _deliver(path, "old", _records(1, milliseconds=NOW - 2 * 3_600_000))

    rewind(path.parent, {STREAM: {"shard-0": ""}})

    assert _opened(path).beyond() == []
    assert _opened(path).position("shard-0") is not None


def test_what_services_have_forgotten_is_delivered_again_however_much_later(path: Path) -> None:
    old = NOW - 60 * 3_600_000
    _deliver(path, "first", _records(1))
    _deliver(path, "second", _records(2))
    path.write_text(path.read_text().replace(f"{NOW:020d}", f"{old:020d}"))

    rewind(path.parent, {STREAM: {"shard-0": _number(1, old)}})

    assert _opened(path).beyond() == ["second"]


def test_what_is_delivered_is_what_all_have_delivered(path: Path) -> None:
    assert delivered(path.parent, STREAM, "shard-0") is None
    _opened(path)
    assert delivered(path.parent, STREAM, "shard-0") == ""
    _opened(path).advance(_records(2))
    Checkpoint(path.with_name("other.json"), STREAM).advance(_records(1))
    Checkpoint(path.with_name("another.json"), STREAM + "2")

    assert delivered(path.parent, STREAM, "shard-0") == _number(1)


def test_each_shard_has_its_own_position(path: Path) -> None:
    _deliver(path, "first", _records(1) + _records(5, shard="shard-1"))
    _deliver(path, "second", _records(6, shard="shard-1"))

    rewind(path.parent, {STREAM: {"shard-0": _number(1), "shard-1": _number(5)}})

    after = _opened(path)
    assert [after.position(shard) for shard in ("shard-0", "shard-1")] == [_number(1), _number(5)]
    assert after.beyond() == ["second"]


def test_objects_are_remembered_for_a_while_only(path: Path) -> None:
    _deliver(path, "old", _records(1, milliseconds=NOW - 2 * 3_600_000))
    _deliver(path, "new", _records(2))

    assert [noted["key"] for noted in json.loads(path.read_text())["objects"]] == ["new"]
