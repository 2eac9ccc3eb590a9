"""The records of streams, of Kinesis and of tables: they only come at the end and expire at the front."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile

from nrti_cli.local.packed.records import Record

#: Finds the number of a record; numbers of one sequence are in order as texts.
Number = Callable[[Record], str]


def write(db: sqlite3.Connection, sequence: str, records: Sequence[Record], number: Number) -> None:
    """Saves what came since the last snapshot, and forgets what expired."""
    (last,) = db.execute("SELECT max(number) FROM record WHERE sequence = ?", (sequence,)).fetchone()
    first = number(records[0]) if records else None
    if first is None or (last is not None and last < first):
        db.execute("DELETE FROM record WHERE sequence = ?", (sequence,))
    else:
        db.execute("DELETE FROM record WHERE sequence = ? AND number < ?", (sequence, first))
    new = takewhile(lambda record: number(record) > (last or ""), reversed(records))
    db.executemany(
        "INSERT OR REPLACE INTO record VALUES (?, ?, ?)",
        ((sequence, number(record), json.dumps(record)) for record in new),
    )


def forget_others(db: sqlite3.Connection, sequences: Iterable[str]) -> None:
    """Remembers which sequences there are, and forgets the records of those that are no more."""
    known = {name for (name,) in db.execute("SELECT name FROM sequence")}
    there = set(sequences)
    db.executemany("INSERT INTO sequence VALUES (?)", [(name,) for name in there - known])
    db.executemany("DELETE FROM sequence WHERE name = ?", [(name,) for name in known - there])
    db.executemany("DELETE FROM record WHERE sequence = ?", [(name,) for name in known - there])


def read(db: sqlite3.Connection, sequence: str) -> Iterator[Record]:
    """The saved records of a sequence, in their order."""
    rows = db.execute("SELECT record FROM record WHERE sequence = ? ORDER BY number", (sequence,))
    return (json.loads(record) for (record,) in rows)
