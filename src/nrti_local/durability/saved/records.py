"""The records of Kinesis streams and of tables' streams: they are added at the end and expire at the front.

A row contains consecutive records, packed as they are in memory, under the number of the last one. Earlier
versions saved a row of JSON for each record.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence

from nrti_local.durability.packed.records import Record, Records

#: Returns the number of a record; as texts, the numbers of one sequence are in order.
Number = Callable[[Record], str]


def write(db: sqlite3.Connection, sequence: str, records: Records, number: Number) -> None:
    """Saves the records added since the last snapshot, and deletes the expired ones."""
    (last,) = db.execute("SELECT max(number) FROM record WHERE sequence = ?", (sequence,)).fetchone()
    first = number(records[0]) if records else None
    if first is None or (last is not None and last < first):
        db.execute("DELETE FROM record WHERE sequence = ?", (sequence,))
    else:
        db.execute("DELETE FROM record WHERE sequence = ? AND number < ?", (sequence, first))
        _trim(db, sequence, type(records), lambda record: number(record) >= first)
    db.executemany(
        "INSERT INTO record VALUES (?, ?, ?)",
        ((sequence, number(some[-1]), packed) for some, packed in _after(last or "", records, number)),
    )


def _trim(
    db: sqlite3.Connection, sequence: str, kind: type[Records], lives: Callable[[Record], bool]
) -> None:
    """Deletes expired records from the first row."""
    row = db.execute(
        "SELECT number, record FROM record WHERE sequence = ? ORDER BY number LIMIT 1", (sequence,)
    ).fetchone()
    saved = _unpacked(kind, row[1]) if row else []
    live = list(filter(lives, saved))
    if len(live) < len(saved):
        place = (kind.pack(live), sequence, row[0])
        db.execute("UPDATE record SET record = ? WHERE sequence = ? AND number = ?", place)


def _after(last: str, records: Records, number: Number) -> Iterator[tuple[Sequence[Record], bytes]]:
    """The pieces that follow a number."""
    for some, packed in records.pieces():
        if number(some[-1]) <= last:
            return
        is_new = number(some[0]) > last
        yield some, packed if is_new else records.pack(each for each in some if number(each) > last)


def _unpacked(kind: type[Records], row: bytes | str) -> list[Record]:
    return kind.unpack(row) if isinstance(row, bytes) else [json.loads(row)]


def forget_others(db: sqlite3.Connection, sequences: Iterable[str]) -> None:
    """Saves which sequences exist, and deletes the records of the others."""
    known = {name for (name,) in db.execute("SELECT name FROM sequence")}
    there = set(sequences)
    db.executemany("INSERT INTO sequence VALUES (?)", [(name,) for name in there - known])
    db.executemany("DELETE FROM sequence WHERE name = ?", [(name,) for name in known - there])
    db.executemany("DELETE FROM record WHERE sequence = ?", [(name,) for name in known - there])


def read(db: sqlite3.Connection, sequence: str, kind: type[Records]) -> Records:
    """The saved records of a sequence."""
    rows = db.execute("SELECT record FROM record WHERE sequence = ? ORDER BY number", (sequence,))
    return kind(record for (row,) in rows for record in _unpacked(kind, row))
