"""The checkpoint of a delivery stream: its position, and the objects that it has written.

An object is noted before it is written, and the position moves afterwards. So after a kill, all objects
beyond the position are known: they are deleted, and their records delivered again, once. The same is true
for objects beyond the saved state that the services are restored from, because their events happen again.
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
#: How long an object stays noted: longer than the interval of snapshots, much shorter than the retention.
_REMEMBERED_MILLISECONDS = 3_600_000


class Checkpoint:
    """The position of one delivery stream, in a file that is replaced as a whole.

    Args:
        path: the file.
        stream_arn: of the source.
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
        """The sequence number of the last delivered record; None to begin at the oldest record."""
        return self._positions.get(shard)

    def beyond(self) -> list[str]:
        """The keys of objects that may have been written beyond the position."""
        return [noted["key"] for noted in self._objects if _is_beyond(noted["to"], self._positions)]

    def forget_beyond(self) -> None:
        """Removes them from the checkpoint, after they were deleted."""
        gone = set(self.beyond())
        self._objects = [noted for noted in self._objects if noted["key"] not in gone]
        self._write()

    def note(self, key: str, records: list[Record]) -> None:
        """Notes an object that is about to be written from records, in the order in which they were read."""
        self._objects.append({"key": key, "from": dict(self._positions), "to": self._after(records)})
        self._write()

    def advance(self, records: list[Record]) -> None:
        """Moves the position behind records that were delivered."""
        self._positions = self._after(records)
        self._objects = [noted for noted in self._objects if _is_recent(noted)]
        self._write()

    def _after(self, records: list[Record]) -> Positions:
        return {**self._positions, **{record.shard: record.sequence_number for record in records}}

    def _write(self) -> None:
        _replace(self._path, {"stream": self._stream, "positions": self._positions, "objects": self._objects})


def delivered(directory: Path, stream: str, shard: str) -> str | None:
    """The position that all delivery streams of a stream have reached in a shard.

    Args:
        directory: where the checkpoints are.
        stream: its ARN.
        shard: its id.

    Returns:
        A sequence number, empty if nothing was delivered; None if the stream has no delivery stream.
    """
    found = [each for each in map(_read, directory.glob("*.json")) if each.get("stream") == stream]
    return min((each["positions"].get(shard, "") for each in found), default=None)


def rewind(directory: Path, restored: Mapping[str, Positions]) -> None:
    """Moves all checkpoints back to a restored state that is older than they are.

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
    """Whether the records of an object are later than the last restored ones.

    A shard without records may have lost them by expiry, but not within an hour.
    """
    return _is_beyond(noted["to"], last) and (all(map(last.get, noted["to"])) or _is_recent(noted))


def _is_beyond(reached: Positions, than: Mapping[str, str]) -> bool:
    return any(number > than.get(shard, "") for shard, number in reached.items())


def _is_recent(noted: dict[str, Any]) -> bool:
    """Whether an object was noted within the last hour: sequence numbers begin with milliseconds."""
    return int(max(noted["to"].values())[:20]) > time.time() * 1000 - _REMEMBERED_MILLISECONDS


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        _logger.error("%s is corrupt; all records of the stream are delivered again", path)  # noqa: TRY400
        return {}
    return found


def _replace(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
