"""How far a delivery stream has come, and which objects it has written on the way.

An object is noted before it is written, and the position moves after that. So after a kill, whatever was
written beyond the position is known: it is deleted, and delivered again, once. The same goes for what was
written beyond the state that the services come back with, since the events behind it happen once more.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nrti_local.firehose.source import Record

_logger = logging.getLogger(__name__)
#: Positions by shard: the sequence number of the last record that was delivered.
Positions = dict[str, str]
#: How long an object is remembered: longer than snapshots are apart, and much shorter than records are kept.
_REMEMBERED_MILLISECONDS = 3_600_000


class Checkpoint:
    """The position of one delivery stream, in a file that is replaced whole.

    Args:
        path: the file.
        stream_arn: what is read.
    """

    def __init__(self, path: Path, stream_arn: str) -> None:
        self._path = path
        found = _read(path)
        is_known = found.get("stream") == stream_arn
        self._stream = stream_arn
        self._positions: Positions = found["positions"] if is_known else {}
        self._objects: list[dict[str, Any]] = found["objects"] if is_known else []
        if not is_known:  # from now on records stay in the stream until they are delivered
            self._write()

    def position(self, shard: str) -> str | None:
        """After which sequence number to go on, or None to begin at the oldest record."""
        return self._positions.get(shard)

    def beyond(self) -> list[str]:
        """The keys of objects that may have been written beyond the position."""
        return [noted["key"] for noted in self._objects if _is_beyond(noted["to"], self._positions)]

    def forget_beyond(self) -> None:
        """Says that they are deleted."""
        gone = set(self.beyond())
        self._objects = [noted for noted in self._objects if noted["key"] not in gone]
        self._write()

    def note(self, key: str, records: list[Record]) -> None:
        """Remembers that an object is being written of these records, which are in the order of reading."""
        self._objects.append({"key": key, "from": dict(self._positions), "to": self._after(records)})
        self._write()

    def advance(self, records: list[Record]) -> None:
        """Remembers that these records are delivered."""
        self._positions = self._after(records)
        self._objects = [noted for noted in self._objects if _is_recent(noted)]
        self._write()

    def _after(self, records: list[Record]) -> Positions:
        return {**self._positions, **{record.shard: record.sequence_number for record in records}}

    def _write(self) -> None:
        _replace(self._path, {"stream": self._stream, "positions": self._positions, "objects": self._objects})


def delivered(directory: Path, stream: str, shard: str) -> str | None:
    """How far a shard has been delivered by all who deliver its stream.

    Args:
        directory: where the checkpoints are.
        stream: its ARN.
        shard: its id.

    Returns:
        A sequence number, empty if nothing has been delivered; None if the stream has no delivery.
    """
    found = [each for each in map(_read, directory.glob("*.json")) if each.get("stream") == stream]
    return min((each["positions"].get(shard, "") for each in found), default=None)


def rewind(directory: Path, restored: Mapping[str, Positions]) -> None:
    """Takes all checkpoints back to a state of the services that is older than they are.

    Args:
        directory: where the checkpoints are.
        restored: the last sequence number in each shard of each stream, empty if it has no record.
    """
    for path in directory.glob("*.json"):
        found = _read(path)
        last = restored.get(found.get("stream", ""))
        if last is None:
            continue
        ahead = [noted for noted in found["objects"] if _is_forgotten(noted, last)]
        if ahead:
            found["positions"] = ahead[0]["from"]
            _replace(path, found)


def _is_forgotten(noted: dict[str, Any], last: Mapping[str, str]) -> bool:
    """Whether the records of an object are later than the last ones that the services have.

    Where they have none, the records may have expired; not so soon, though.
    """
    return _is_beyond(noted["to"], last) and (all(map(last.get, noted["to"])) or _is_recent(noted))


def _is_beyond(reached: Positions, than: Mapping[str, str]) -> bool:
    return any(number > than.get(shard, "") for shard, number in reached.items())


def _is_recent(noted: dict[str, Any]) -> bool:
    """Sequence numbers begin with the time, in milliseconds."""
    return int(max(noted["to"].values())[:20]) > time.time() * 1000 - _REMEMBERED_MILLISECONDS


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        _logger.error("%s is corrupt; all that the stream still holds is delivered again", path)  # noqa: TRY400
        return {}
    return found


def _replace(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with draft.open("w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
