"""What a snapshot writes: changes alone, all of them, in one transaction."""

from __future__ import annotations

import base64
import contextlib
import copy
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nrti_local.durability.changes import CHANGES, Taken
from nrti_local.durability.journal import Horizon
from nrti_local.durability.packed.items import Partition
from nrti_local.durability.packed.records import KinesisRecords, Records
from nrti_local.durability.saved import blobs, items, records
from nrti_local.durability.saved.database import SavedStateError, horizon, set_horizon, transaction
from nrti_local.dynamodb.tables import Table


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with transaction(tmp_path / "services.db") as opened:
        yield opened


@pytest.fixture
def table() -> Table:
    """A table with two items, whose changes so far are taken."""
    made = Table(_content("a", "b"))
    CHANGES.take()
    return made


def _content(*keys: str) -> dict[str, Any]:
    return {"TableId": "t", "items": {key: {"r": {"key": {"S": key}}} for key in keys}}


def _saved(db: sqlite3.Connection) -> set[str]:
    table: dict[str, Any] = {"TableId": "t"}
    items.read(db, table)
    assert table["ItemCount"] == len(table["items"])
    return set(table["items"])


def _save(db: sqlite3.Connection, table: Table, taken: Taken) -> None:
    """Saves a table as a child does, which empties its own copy."""
    items.write(db, [dict(table)], taken)


def test_a_table_that_was_never_saved_is_saved_whole(db: sqlite3.Connection, table: Table) -> None:
    _save(db, table, CHANGES.take())

    assert _saved(db) == {"a", "b"}


def test_only_changes_of_a_known_table_are_written(db: sqlite3.Connection, table: Table) -> None:
    _save(db, table, CHANGES.take())
    table["items"].setdefault("c", {})["r"] = {"key": {"S": "c"}}
    table["items"].put_all({("d", "r"): {"key": {"S": "d"}}})
    del table["items"]["a"]
    table["items"].setdefault("b", {}).pop("r")
    table["items"].partitions["c"].put_packed("unmarked", b"")

    _save(db, table, CHANGES.take())

    assert _saved(db) == {"c", "d"}
    assert CHANGES.take() == Taken({}, set())


def test_changes_of_a_snapshot_that_failed_are_saved_by_the_next(
    db: sqlite3.Connection, table: Table
) -> None:
    _save(db, table, CHANGES.take())
    table["items"].setdefault("c", {})["r"] = {}
    failed = CHANGES.take()
    table["items"].setdefault("d", {})["r"] = {}
    CHANGES.give_back(failed)

    _save(db, table, CHANGES.take())

    assert _saved(db) == {"a", "b", "c", "d"}


def test_items_that_were_all_replaced_are_saved_whole_and_those_of_a_deleted_table_go(
    db: sqlite3.Connection, table: Table
) -> None:
    _save(db, table, CHANGES.take())
    table["items"] = _content("c")["items"]
    _save(db, table, CHANGES.take())
    assert _saved(db) == {"c"}

    items.write(db, [], CHANGES.take())
    assert _saved(db) == set()


def test_a_restored_table_has_not_changed_until_it_is_written_to(
    db: sqlite3.Connection, table: Table
) -> None:
    _save(db, table, CHANGES.take())
    restored = Table(_content())
    items.read(db, restored)
    assert CHANGES.take() == Taken({}, set())

    restored["items"].setdefault("a", {}).pop("r")

    assert CHANGES.take().keys == {"t": {("a", "r")}}


def test_a_copy_of_a_table_records_its_own_changes(table: Table) -> None:
    copied = Table(copy.deepcopy(table) | {"TableId": "u"})
    CHANGES.take()

    copied["items"].setdefault("a", {})["r"] = {"key": {"S": "other"}}

    assert CHANGES.take().keys == {"u": {("a", "r")}}
    assert table["items"]["a"]["r"] == {"key": {"S": "a"}}


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


def test_code_is_kept_as_long_as_a_file_has_it(db: sqlite3.Connection, tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    for digest in ("first", "second"):
        (before / f"{digest}.zip").write_bytes(digest.encode())
    blobs.save(db, before)
    (before / "first.zip").unlink()
    blobs.save(db, before)

    blobs.restore(db, after)

    assert {path.name: path.read_bytes() for path in after.iterdir()} == {"second.zip": b"second"}


def test_a_transaction_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "services.db"
    with transaction(path) as db:
        set_horizon(db, Horizon(3, frozenset({2})))
    with contextlib.suppress(ZeroDivisionError), transaction(path) as db:
        set_horizon(db, Horizon(9))
        raise ZeroDivisionError

    with transaction(path) as db:
        assert horizon(db) == Horizon(3, frozenset({2}))


def test_a_full_disk_is_an_error_and_changes_nothing(tmp_path: Path) -> None:
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
