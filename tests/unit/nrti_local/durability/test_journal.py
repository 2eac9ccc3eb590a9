"""The journal: what was acknowledged is on disk, and goes when a saved state holds its outcome."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nrti_local.durability.journal import Entry, Horizon, Journal, JournalError

SECONDS = 10


def _entry(text: str) -> Entry:
    return Entry(
        "000000000000", "eu-central-2", "arn:machine", f"arn:{text}", text, "2026-01-01T00:00:00Z", text
    )


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.db", Horizon())
    yield opened
    opened.close()


def _add(journal: Journal, text: str) -> int:
    number, kept = journal.append(_entry(text))
    kept.result(SECONDS)
    return number


def _after_a_kill(tmp_path: Path, saved: Horizon) -> list[str]:
    """What another process finds: the files as they are now, the journal still open here."""
    copy = tmp_path / "after"
    copy.mkdir()
    for name in ("journal.db", "journal.db-wal"):
        (copy / name).write_bytes((tmp_path / name).read_bytes())
    found = Journal(copy / "journal.db", saved)
    found.close()
    return [entry.name for entry in found.unfinished.values()]


def test_what_was_acknowledged_is_found_after_a_kill(journal: Journal, tmp_path: Path) -> None:
    for text in ("first", "second"):
        _add(journal, text)

    assert _after_a_kill(tmp_path, Horizon()) == ["first", "second"]


def test_an_entry_comes_back_as_it_was(tmp_path: Path) -> None:
    first = Journal(tmp_path / "journal.db", Horizon())
    number = _add(first, 'a "text" with ü and \x00')
    first.close()

    second = Journal(tmp_path / "journal.db", Horizon())
    second.close()

    assert second.unfinished == {number: _entry('a "text" with ü and \x00')}


def test_a_restart_runs_what_a_saved_state_does_not_hold(journal: Journal, tmp_path: Path) -> None:
    over, running = _add(journal, "over"), _add(journal, "running")
    journal.end(over)
    with journal.still() as horizon:
        pass
    journal.end(running)
    _add(journal, "later")

    assert horizon == Horizon(running, frozenset({running}))
    assert _after_a_kill(tmp_path, horizon) == ["running", "later"]


def test_what_a_saved_state_holds_is_dropped(journal: Journal, tmp_path: Path) -> None:
    over = _add(journal, "over")
    _add(journal, "running")
    journal.end(over)
    with journal.still() as horizon:
        pass
    journal.forget(horizon)
    for text in ("later", "last"):  # the first one may share a turn of the writer with the dropping
        _add(journal, text)

    assert _after_a_kill(tmp_path, Horizon()) == ["running", "later", "last"]


def test_numbers_are_never_given_twice(tmp_path: Path) -> None:
    first = Journal(tmp_path / "journal.db", Horizon())
    number = _add(first, "over")
    first.end(number)
    with first.still() as saved:
        pass
    first.close()

    second = Journal(tmp_path / "journal.db", saved)
    assert second.unfinished == {}
    assert _add(second, "new") > number
    second.close()


def test_many_at_once_are_all_kept(journal: Journal, tmp_path: Path) -> None:
    def add(first: int) -> None:
        for number in range(first, first + 50):
            _add(journal, str(number))

    threads = [threading.Thread(target=add, args=(first,)) for first in range(0, 400, 50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)

    assert sorted(map(int, _after_a_kill(tmp_path, Horizon()))) == list(range(400))


def test_nothing_is_accepted_while_it_is_held_still(journal: Journal) -> None:
    kept = threading.Event()

    def add() -> None:
        _add(journal, "waits")
        kept.set()

    with journal.still():
        threading.Thread(target=add).start()
        assert not kept.wait(0.1)
    assert kept.wait(SECONDS)


def test_what_cannot_be_written_is_not_acknowledged_and_the_next_one_is(
    tmp_path: Path, journal: Journal
) -> None:
    with sqlite3.connect(tmp_path / "journal.db") as other:
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON accepted WHEN NEW.entries LIKE '%large%' "
            "BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
        )
    number, kept = journal.append(_entry("large"))

    with pytest.raises(JournalError, match=r"journal\.db cannot be written \(database or disk is full\)"):
        kept.result(SECONDS)
    with journal.still() as horizon:
        assert number not in horizon.open
    _add(journal, "small")
    assert _after_a_kill(tmp_path, Horizon()) == ["small"]


def test_a_corrupt_journal_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"not a database" * 1000)

    with pytest.raises(JournalError, match=r"journal\.db cannot be used"):
        Journal(tmp_path / "journal.db", Horizon())
