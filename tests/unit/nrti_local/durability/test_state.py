from __future__ import annotations

from pathlib import Path

import pytest

from nrti_local.durability.saved.database import transaction
from nrti_local.durability.state import CorruptStateError, State
from nrti_local.server.processes import lock, logfile


def test_a_missing_state_directory_is_made(tmp_path: Path) -> None:
    State(tmp_path / "state").journal.close()

    assert (tmp_path / "state" / "services.db").exists()


@pytest.mark.parametrize("name", ["services.db", "journal.db"])
@pytest.mark.parametrize("damage", [b"half", b"not a database" * 1000])
def test_a_corrupt_file_is_named_and_kept(tmp_path: Path, name: str, damage: bytes) -> None:
    (tmp_path / name).write_bytes(damage)

    with pytest.raises(CorruptStateError, match=rf"{name} cannot be used \(file is not a database\)"):
        State(tmp_path)

    assert (tmp_path / name).read_bytes() == damage


def test_damage_in_the_midst_of_the_saved_state_is_found(tmp_path: Path) -> None:
    State(tmp_path).journal.close()
    path = tmp_path / "services.db"
    with transaction(path) as db:
        db.executemany("INSERT INTO service VALUES (?, ?)", [(f"s{n}", "x" * 500) for n in range(100)])
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4096] = b"\xff" * 4096
    path.write_bytes(content)

    with pytest.raises(CorruptStateError, match=r"services\.db"):
        State(tmp_path)


def test_the_state_of_an_earlier_version_is_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "ministack").mkdir()
    (tmp_path / "ministack" / "dynamodb.json").write_text("{}")

    with pytest.raises(CorruptStateError, match="of an earlier version"):
        State(tmp_path)


def test_a_file_in_the_place_of_the_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")

    with pytest.raises(CorruptStateError, match="cannot be used"):
        State(tmp_path / "state")


def test_a_lock_is_held_by_one_at_a_time_and_goes_with_its_descriptor(tmp_path: Path) -> None:
    import os

    held = lock.acquire(tmp_path / "lock")

    assert held is not None
    assert lock.is_held(tmp_path / "lock")
    assert lock.acquire(tmp_path / "lock") is None
    os.close(held)
    assert not lock.is_held(tmp_path / "lock")


def test_the_log_shows_its_last_lines_and_then_what_comes(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("1\n2\n3\n")

    def grow(_: float) -> None:
        with log.open("a") as more:
            more.write("4\n")

    following = logfile.read(log, 2, follow=True, sleep=grow)

    assert [next(following) for _ in range(3)] == ["2\n", "3\n", "4\n"]
