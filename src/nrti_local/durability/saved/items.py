"""The items of DynamoDB's tables: only those that changed since the last snapshot are written."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nrti_local.durability.packed.form import pack
from nrti_local.durability.packed.items import Item, Items, ItemsByKey, Partition

Key = tuple[str, str]
Table = dict[str, Any]


class Changes:
    """Which items changed since the last snapshot, by the id of their table; used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[str, set[Key]] = {}
        self._whole: set[str] = set()

    def recording(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Wraps what changes one item of a table, whose keys are its second and third argument."""

        def change(table: Table, hash_key: str, range_key: str, *item: Any) -> Any:
            # Under the lock, so that no snapshot comes between the change and its mark.
            with self._lock:
                self._keys.setdefault(table["TableId"], set()).add((hash_key, range_key))
                return original(table, hash_key, range_key, *item)

        return change

    def recording_whole(self, original: Callable[[Table], Any]) -> Callable[[Table], Any]:
        """Wraps what is called when all items of a table were replaced."""

        def change(table: Table) -> Any:
            with self._lock:
                self._whole.add(table["TableId"])
                return original(table)

        return change

    def take(self) -> Taken:
        """Returns what changed, and begins anew."""
        with self._lock:
            taken = Taken(self._keys, self._whole)
            self._keys, self._whole = {}, set()
        return taken

    def give_back(self, taken: Taken) -> None:
        """Adds what was taken again, since it was not saved."""
        with self._lock:
            self._whole |= taken.whole
            for owner, keys in taken.keys.items():
                self._keys.setdefault(owner, set()).update(keys)


class Taken:
    """Changes that a snapshot is to save.

    Attributes:
        keys: of changed items, by table id.
        whole: ids of tables to write anew.
    """

    def __init__(self, keys: dict[str, set[Key]], whole: set[str]) -> None:
        self.keys = keys
        self.whole = whole


CHANGES = Changes()
#: What a process that saves has taken out of the services: to free it would take longer than to save changes.
ASIDE: list[object] = []


def write(db: sqlite3.Connection, tables: Iterable[Table], taken: Taken) -> None:
    """Saves the changes of all tables, and empties the tables: only for a process that needs them no more."""
    known = {owner for (owner,) in db.execute("SELECT name FROM owner")}
    for table in tables:
        owner, items = table["TableId"], table["items"]
        ASIDE.append(items)
        table["items"] = {}
        if owner in known and owner not in taken.whole:
            _write_changes(db, owner, items, taken.keys.get(owner, set()))
        else:
            db.execute("INSERT OR IGNORE INTO owner VALUES (?)", (owner,))
            db.execute("DELETE FROM item WHERE owner = ?", (owner,))
            _put(db, owner, items, ((h, r) for h, ranges in items.items() for r in ranges))
        known.discard(owner)
    gone = [(owner,) for owner in known]
    db.executemany("DELETE FROM item WHERE owner = ?", gone)
    db.executemany("DELETE FROM owner WHERE name = ?", gone)


def _write_changes(db: sqlite3.Connection, owner: str, items: ItemsByKey, keys: set[Key]) -> None:
    there = {(h, r) for h, r in keys if r in items.get(h, {})}
    _put(db, owner, items, there)
    gone = [(owner, h, r) for h, r in keys - there]
    db.executemany("DELETE FROM item WHERE owner = ? AND hash = ? AND range = ?", gone)


def _put(db: sqlite3.Connection, owner: str, items: ItemsByKey, keys: Iterable[Key]) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?)",
        ((owner, h, r, _packed(items[h], r)) for h, r in keys),
    )


def _packed(items: Mapping[str, Item], range_key: str) -> bytes:
    return items.packed(range_key) if isinstance(items, Partition) else pack(items[range_key])


def read(db: sqlite3.Connection, table: Table) -> None:
    """Fills a table with its saved items."""
    items = Items({})
    rows = db.execute("SELECT hash, range, item FROM item WHERE owner = ?", (table["TableId"],))
    for hash_key, range_key, item in rows:
        partition = items.setdefault(hash_key, {})
        if isinstance(item, bytes):
            partition.put_packed(range_key, item)
        else:  # as earlier versions saved it
            partition[range_key] = json.loads(item)
    table["items"] = items
