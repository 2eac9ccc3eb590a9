"""The state of ministack's services: taken apart for the database, and put together again."""

# ruff: noqa: SLF001
from __future__ import annotations

import importlib
import json
import re
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence
from ministack.services import dynamodb, kinesis, lambda_svc

from nrti_local.durability import numbers
from nrti_local.durability.changes import Taken
from nrti_local.durability.packed.items import Items, Partition
from nrti_local.durability.packed.records import KinesisRecords, Record, Records, TableRecords
from nrti_local.durability.saved import blobs, items, records
from nrti_local.durability.saved.database import SavedStateError
from nrti_local.ministack.patch import private

_LAMBDA = "lambda"
#: A state of our own beside ministack's: how many records of each table's stream have expired.
_TRIMMED = "nrti-streams-trimmed"
#: A reference to a function's code, in the state of Lambda.
_CODE = re.compile(r'"code_blob_ref": "([0-9a-f]{64})"')


def write(db: sqlite3.Connection, taken: Taken) -> None:
    """Saves the state of every service that was used.

    It takes the memory apart: only for a process that ends afterwards.

    Args:
        db: in a transaction.
        taken: the items that changed since the last snapshot.
    """
    items.write(db, dynamodb._tables.all_values(), taken)
    names = []
    for name, held in _sequences():
        kind = _kind(name)
        records.write(db, name, held if isinstance(held, kind) else kind(held), kind.number)
        names.append(name)
    records.forget_others(db, names)
    _remove_records()
    states = dict(_states())
    if _LAMBDA in states:
        blobs.save(db, Path(lambda_svc.CODE_BLOB_DIR))
    states[_TRIMMED] = dynamodb._stream_trimmed
    for name, state in states.items():
        _write_state(db, name, json.dumps(state, default=_plain))


def _states() -> Iterator[tuple[str, Any]]:
    """The states of all services that were imported, by the name under which they are saved."""
    for name, module in _modules():
        get_state = getattr(sys.modules.get(module), "get_state", None)
        if get_state:
            yield name, get_state()


def _modules() -> Iterator[tuple[str, str]]:
    """The modules of all services, by the name under which their state is saved."""
    for service in app.SERVICE_REGISTRY.values():
        main, others = service["module"], service.get("sub_modules", ())
        named = [(service.get("state_key", main), main), *zip(others, others, strict=True)]
        yield from ((name, f"ministack.services.{module}") for name, module in named)


def _remove_records() -> None:
    """Takes the records out of Kinesis, whose state would contain them."""
    for stream in kinesis._streams.all_values():
        for shard in stream["shards"].values():
            items.ASIDE.append(shard["records"])
            shard["records"] = []


def _plain(value: Any) -> Any:
    """What JSON can represent of a value: a backup's items, which are packed, or any value of ministack."""
    return dict(value) if isinstance(value, Items | Partition) else persistence._json_default(value)


def _write_state(db: sqlite3.Connection, name: str, text: str) -> None:
    row = db.execute("SELECT state FROM service WHERE name = ?", (name,)).fetchone()
    if row is None or row[0] != text:
        db.execute("INSERT OR REPLACE INTO service VALUES (?, ?)", (name, text))


def read(db: sqlite3.Connection) -> dict[str, dict[str, str]]:
    """Restores the saved state into the services of this process.

    Returns:
        The last sequence number in each shard of each Kinesis stream, empty if it has no record.

    Raises:
        SavedStateError: it lacks the code of a function.
    """
    saved = dict(db.execute("SELECT name, state FROM service"))
    _restore_code(db, saved.get(_LAMBDA, ""))
    restored = persistence._json_object_hook
    states = {name: json.loads(text, object_hook=restored) for name, text in saved.items()}
    dynamodb._stream_trimmed.update(states.pop(_TRIMMED, {}))
    for name, module in dict(_modules()).items():
        if name in states:
            importlib.import_module(module).load_persisted_state(states[name])
    for table in dynamodb._tables.all_values():
        items.read(db, table)
    for (name,) in db.execute("SELECT name FROM sequence"):
        _restore_sequence(name, records.read(db, name, _kind(name)))
    return {
        stream["StreamARN"]: {shard: _last(held["records"]) for shard, held in stream["shards"].items()}
        for stream in kinesis._streams.all_values()
    }


def _restore_code(db: sqlite3.Connection, state: str) -> None:
    blobs.restore(db, Path(lambda_svc.CODE_BLOB_DIR))
    missing = set(_CODE.findall(state)) - {digest for (digest,) in db.execute("SELECT digest FROM blob")}
    if missing:  # ministack would take it for empty
        raise SavedStateError(f"the saved state lacks the code {min(missing)}")


def _last(kept: Sequence[Record]) -> str:
    return KinesisRecords.number(kept[-1]) if kept else ""


def _kind(sequence: str) -> type[Records]:
    """The container of the records of a sequence."""
    return KinesisRecords if json.loads(sequence)[0] == "kinesis" else TableRecords


def _sequences() -> Iterator[tuple[str, Sequence[Record]]]:
    """Every sequence of records, by its name."""
    for (account, region, stream), record in kinesis._streams.all_items():
        for shard, content in record["shards"].items():
            yield json.dumps(["kinesis", account, region, stream, shard]), content["records"]
    for key, held in dynamodb._stream_records.all_items():
        yield json.dumps(["dynamodb", *key]), held


def _restore_sequence(name: str, content: Records) -> None:
    service, account, region, owner, *shard = json.loads(name)
    if service == "kinesis":
        kinesis._streams.get_scoped(account, region, owner)["shards"][shard[0]]["records"] = content
        given = numbers.KINESIS
    else:
        dynamodb._stream_records.set_scoped(account, region, owner, content)
        given = numbers.TABLES
    if content:
        given.pass_by(content.number(content[-1]))


PRIVATE = (
    *private("ministack.core.persistence", "_json_default", "_json_object_hook"),
    *private("ministack.services.dynamodb", "_tables", "_stream_records", "_stream_trimmed"),
    *private("ministack.services.kinesis", "_streams"),
)
