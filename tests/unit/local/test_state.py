from __future__ import annotations

from pathlib import Path

import pytest

from nrti_cli.local import lock, logfile
from nrti_cli.local.state import CorruptStateError, check


def test_a_missing_state_directory_is_made(tmp_path: Path) -> None:
    check(tmp_path / "state")

    assert (tmp_path / "state" / "ministack").is_dir()


def test_a_corrupt_file_is_named_and_kept(tmp_path: Path) -> None:
    (tmp_path / "ministack").mkdir()
    (tmp_path / "ministack" / "dynamodb.json").write_text('{"half')

    with pytest.raises(CorruptStateError, match=r"dynamodb\.json is corrupt"):
        check(tmp_path)

    assert (tmp_path / "ministack" / "dynamodb.json").read_text() == '{"half'


def test_a_file_in_the_place_of_the_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")

    with pytest.raises(CorruptStateError, match="cannot be used"):
        check(tmp_path / "state")


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
