"""What a snapshot writes: changes alone, all of them, in one transaction."""

from __future__ import annotations

import base64
import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nrti_local.durability.journal import Horizon
from nrti_local.durability.packed.items import Partition
from nrti_local.durability.packed.records import KinesisRecords, Records
from nrti_local.durability.saved import blobs, items, records
from nrti_local.durability.saved.database import SavedStateError, horizon, set_horizon, transaction
from nrti_local.durability.saved.items import Changes, Taken
from nrti_local.durability.saved.numbers import Numbers


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with transaction(tmp_path / "services.db") as opened:
        yield opened


def _table(*keys: str) -> dict[str, Any]:
    return {"TableId": "t", "items": {key: {"r": {"key": {"S": key}}} for key in keys}}


def _saved(db: sqlite3.Connection) -> set[str]:
    table: dict[str, Any] = {"TableId": "t"}
    items.read(db, table)
    return set(table["items"])


def _set(table: dict[str, Any], hash_key: str, range_key: str, item: Any) -> None:
    table["items"].setdefault(hash_key, {})[range_key] = item


def _remove(table: dict[str, Any], hash_key: str, _range_key: str) -> None:
    del table["items"][hash_key]


def test_a_table_that_was_never_saved_is_saved_whole(db: sqlite3.Connection) -> None:
    items.write(db, [_table("a", "b")], Taken({}, set()))

    assert _saved(db) == {"a", "b"}


def test_only_changes_of_a_known_table_are_written(db: sqlite3.Connection) -> None:
    changes, table = Changes(), _table("a", "b")
    items.write(db, [_table("a", "b")], changes.take())
    changes.recording(_set)(table, "c", "r", {"key": {"S": "c"}})
    changes.recording(_remove)(table, "a", "r")
    _set(table, "unmarked", "r", {})

    items.write(db, [table], changes.take())

    assert _saved(db) == {"b", "c"}
    assert changes.take().keys == {}


def test_changes_of_a_snapshot_that_failed_are_saved_by_the_next(db: sqlite3.Connection) -> None:
    changes, table = Changes(), _table()
    items.write(db, [_table()], changes.take())
    change = changes.recording(_set)
    change(table, "a", "r", {})
    failed = changes.take()
    change(table, "b", "r", {})
    changes.give_back(failed)

    items.write(db, [table], changes.take())

    assert _saved(db) == {"a", "b"}


def test_items_that_were_all_replaced_are_saved_whole_and_those_of_a_deleted_table_go(
    db: sqlite3.Connection,
) -> None:
    changes = Changes()
    items.write(db, [_table("a", "b")], changes.take())
    replaced = _table("c")
    changes.recording_whole(lambda _: None)(replaced)
    items.write(db, [replaced], changes.take())
    assert _saved(db) == {"c"}

    items.write(db, [], changes.take())
    assert _saved(db) == set()


def _number(record: dict[str, Any]) -> str:
    return str(record["n"])


def _write(db: sqlite3.Connection, numbers: range) -> list[str]:
    records.write(db, "s", Records({"n": f"{number:03d}"} for number in numbers), _number)
    return [record["n"] for record in records.read(db, "s", Records)]


def test_records_are_saved_once_in_order_and_go_when_they_expire(db: sqlite3.Connection) -> None:
    assert _write(db, range(3)) == ["000", "001", "002"]
    before = db.total_changes
    assert _write(db, range(2, 5)) == ["002", "003", "004"]
    assert db.total_changes - before == 2  # one row came, another lost two records
    assert _write(db, range(10, 12)) == ["010", "011"]
    assert _write(db, range(0)) == []


@pytest.mark.parametrize("kind", [Records, KinesisRecords])
def test_saved_records_are_those_in_memory(db: sqlite3.Connection, kind: type[Records]) -> None:
    kept, count = kind(), 0
    for came, gone in (
        (1, 0),
        (100, 0),
        (300, 1),
        (0, 64),
        (7, 0),
        (200, 290),
        (0, 0),
        (500, 700),
        (130, 143),
    ):
        for _ in range(came):
            count += 1
            kept.append({"n": f"{count:04d}", "Data": base64.b64encode(b"%d" % count).decode()})
        del kept[:gone]
        records.write(db, "s", kept, _number)
        assert list(records.read(db, "s", kind)) == list(kept)


def test_records_and_items_that_an_earlier_version_saved_are_read(db: sqlite3.Connection) -> None:
    earlier = [{"n": f"{number:03d}", "Data": "e30="} for number in range(3)]
    rows = [("s", each["n"], json.dumps(each)) for each in earlier]
    db.executemany("INSERT INTO record VALUES (?, ?, ?)", rows)
    kept = records.read(db, "s", KinesisRecords)
    assert list(kept) == earlier
    kept.append({"n": "003", "Data": "e30="})
    del kept[:1]
    records.write(db, "s", kept, _number)
    assert list(records.read(db, "s", KinesisRecords)) == list(kept)

    db.execute("INSERT INTO item VALUES ('t', 'a', 'r', ?)", (json.dumps({"key": {"S": "a"}}),))
    table: dict[str, Any] = {"TableId": "t"}
    items.read(db, table)
    assert table["items"]["a"]["r"] == {"key": {"S": "a"}}


def test_an_item_is_saved_as_it_is_held(db: sqlite3.Connection) -> None:
    for held in ({"r": {"key": {"S": "a"}}}, Partition({"r": {"key": {"S": "a"}}})):
        items.write(db, [{"TableId": "t", "items": {"a": held}}], Taken({}, {"t"}))
        table: dict[str, Any] = {"TableId": "t"}
        items.read(db, table)
        assert table["items"]["a"]["r"] == {"key": {"S": "a"}}


def test_records_of_a_stream_that_is_gone_are_forgotten(db: sqlite3.Connection) -> None:
    _write(db, range(3))
    records.forget_others(db, ["s"])
    records.forget_others(db, [])

    assert list(records.read(db, "s", Records)) == []


def test_code_is_kept_as_long_as_it_is_named(db: sqlite3.Connection) -> None:
    with blobs.kept_in(db):
        first, second = blobs.write(b"first"), blobs.write(b"second")
        blobs.keep_only({second})

        assert blobs.read(second) == b"second"
        with pytest.raises(LookupError, match=first):
            blobs.read(first)


def test_a_transaction_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "services.db"
    with transaction(path) as db:
        set_horizon(db, Horizon(3, frozenset({2})))
    with contextlib.suppress(ZeroDivisionError), transaction(path) as db:
        set_horizon(db, Horizon(9))
        raise ZeroDivisionError

    with transaction(path) as db:
        assert horizon(db) == Horizon(3, frozenset({2}))


def test_a_full_disk_is_told_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "services.db"
    with transaction(path) as db:
        db.execute("INSERT INTO service VALUES ('kept', '')")

    def overfill() -> None:
        with transaction(path) as db:
            pages = db.execute("PRAGMA page_count").fetchone()[0]
            db.execute(f"PRAGMA max_page_count = {pages + 1}")
            db.execute("INSERT INTO service VALUES ('large', ?)", ("x" * 100_000,))

    with pytest.raises(SavedStateError, match="database or disk is full"):
        overfill()

    with transaction(path) as db:
        assert db.execute("SELECT name FROM service").fetchall() == [("kept",)]


def test_numbers_grow_although_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers, now = Numbers(), 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    first = numbers.next()
    now -= 3600
    second = numbers.next()
    restarted = Numbers()
    restarted.pass_by(second)

    assert first < second < restarted.next()
