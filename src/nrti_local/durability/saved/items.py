"""The items of DynamoDB's tables: a snapshot writes only those that changed since the last one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from nrti_local.durability.changes import Key, Taken
from nrti_local.durability.packed.form import pack
from nrti_local.durability.packed.items import Item, Items, ItemsByKey, Partition

Table = dict[str, Any]
#: What the saving process has removed from the services: freeing it would take longer than saving changes.
ASIDE: list[object] = []


def write(db: sqlite3.Connection, tables: Iterable[Table], taken: Taken) -> None:
    """Saves the changes of all tables, and empties the tables: only for a process that ends afterwards."""
    known = {owner for (owner,) in db.execute("SELECT name FROM owner")}
    for table in tables:
        owner, items = table["TableId"], table["items"]
        ASIDE.append(items)
        dict.__setitem__(table, "items", {})  # a table of ours would take a lock, which is held for ever here
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
    present = {(h, r) for h, r in keys if r in items.get(h, {})}
    _put(db, owner, items, present)
    gone = [(owner, h, r) for h, r in keys - present]
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
        # Earlier versions saved items as JSON.
        packed = item if isinstance(item, bytes) else pack(json.loads(item))
        items.setdefault(hash_key, {}).put_packed(range_key, packed)
    table["items"] = items
    table["ItemCount"] = sum(map(len, items.partitions.values()))
