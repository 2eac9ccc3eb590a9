"""What ministack's services hold: taken apart for the database, and put together again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from ministack import app
from ministack.core import persistence
from ministack.services import dynamodb, kinesis

from nrti_local.durability.packed.items import Partition
from nrti_local.durability.packed.records import KinesisRecords, Record, Records
from nrti_local.durability.saved import blobs, items, numbers, records

#: A state of our own beside those that ministack names: how much of each table's stream has expired.
_TRIMMED = "nrti-streams-trimmed"


def write(db: sqlite3.Connection, taken: items.Taken) -> None:
    """Saves the state of every service that was used.

    It takes the memory apart: only for a process that ends afterwards.

    Args:
        db: in a transaction.
        taken: the items that changed since the last snapshot.
    """
    items.write(db, dynamodb._tables._data.values(), taken)  # noqa: SLF001
    names = []
    for name, owner, member in _sequences():
        kind, number = _kind(name)
        held = owner[member]
        records.write(db, name, held if isinstance(held, kind) else kind(held), number)
        items.ASIDE.append(held)
        owner[member] = []
        names.append(name)
    records.forget_others(db, names)
    with blobs.kept_in(db):
        states = {name: get() for name, get in app._build_persistence_save_dict().items()}  # noqa: SLF001
    states[_TRIMMED] = dynamodb._stream_trimmed  # noqa: SLF001
    for name, state in states.items():
        if state is not None:  # a service that could not be imported must not lose what it had
            _write_state(db, name, json.dumps(state, default=_plain))


def _plain(value: Any) -> Any:
    """What JSON can hold of a value: a backup's items, which are packed, and all that ministack has."""
    return dict(value) if isinstance(value, Partition) else persistence._json_default(value)  # noqa: SLF001


def _write_state(db: sqlite3.Connection, name: str, text: str) -> None:
    row = db.execute("SELECT state FROM service WHERE name = ?", (name,)).fetchone()
    if row is None or row[0] != text:
        db.execute("INSERT OR REPLACE INTO service VALUES (?, ?)", (name, text))


def read(db: sqlite3.Connection) -> dict[str, dict[str, str]]:
    """Restores what was saved into the services of this process.

    Returns:
        The last sequence number in each shard of each Kinesis stream, empty if it has no record.
    """
    restored = persistence._json_object_hook  # noqa: SLF001
    saved = db.execute("SELECT name, state FROM service")
    states = {name: json.loads(text, object_hook=restored) for name, text in saved}
    dynamodb._stream_trimmed.update(states.pop(_TRIMMED, {}))  # noqa: SLF001
    modules = app._state_map  # noqa: SLF001
    with blobs.kept_in(db):
        for name in [name for name in modules if name in states]:
            app._get_module(modules[name]).load_persisted_state(states[name])  # noqa: SLF001
    for table in dynamodb._tables._data.values():  # noqa: SLF001
        items.read(db, table)
    for (name,) in db.execute("SELECT name FROM sequence"):
        _restore_sequence(name, records.read(db, name, _kind(name)[0]))
    return {
        stream["StreamARN"]: {shard: _last(held["records"]) for shard, held in stream["shards"].items()}
        for stream in kinesis._streams._data.values()  # noqa: SLF001
    }


def _last(kept: Sequence[Record]) -> str:
    return _kinesis_number(kept[-1]) if kept else ""


def _kind(sequence: str) -> tuple[type[Records], records.Number]:
    """How the records of a sequence are packed, and numbered."""
    is_kinesis = json.loads(sequence)[0] == "kinesis"
    return (KinesisRecords, _kinesis_number) if is_kinesis else (Records, _table_number)


def _sequences() -> Iterator[tuple[str, dict[Any, Any], Any]]:
    """Every sequence of records: its name, the dictionary that holds it, its key there."""
    for (account, region, stream), record in kinesis._streams._data.items():  # noqa: SLF001
        for shard, content in record["shards"].items():
            yield json.dumps(["kinesis", account, region, stream, shard]), content, "records"
    streams = dynamodb._stream_records._data  # noqa: SLF001
    for account, region, table in list(streams):
        key = (account, region, table)
        yield json.dumps(["dynamodb", *key]), streams, key


def _kinesis_number(record: Record) -> str:
    return str(record["SequenceNumber"])


def _table_number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def _restore_sequence(name: str, content: Records) -> None:
    service, account, region, owner, *shard = json.loads(name)
    if service == "kinesis":
        kinesis._streams.get_scoped(account, region, owner)["shards"][shard[0]]["records"] = content  # noqa: SLF001
        given = numbers.KINESIS
    else:
        dynamodb._stream_records.set_scoped(account, region, owner, content)  # noqa: SLF001
        given = numbers.TABLES
    if content:
        given.pass_by(_kind(name)[1](content[-1]))
