"""The ledger: one line for each event that the API accepted, so that `nrti verify` can look them up by id.

During a run, `<ledger>.sent` holds the events that were sent, as lines for `nrti produce --input`. A killed
run leaves it behind; the next run with this ledger sends the events that were not yet accepted. Sending an
event twice stores it once.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nrti_cli.errors import NrtiError
from nrti_cli.events import Event
from nrti_cli.linefile import EVENTS, Kind, append, require_appendable, write

_encode = json.JSONEncoder(separators=(",", ":")).encode
#: The file of sent events is rewritten, without the answered ones, when it exceeds this many bytes.
_LONGEST_SENT = 16_000_000
_ENTRIES = Kind(
    "a ledger", frozenset({"event_id", "sensor", "model", "timestamp", "accepted_at"}), "--ledger"
)
_SENT = replace(EVENTS, option="--ledger")


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An accepted event; `timestamp` is the event's own, in epoch milliseconds.

    Attributes:
        rescored: whether it requested a new prediction beside those of former model versions.
        accepted_at: when the API had answered, in epoch milliseconds; 0 if it has not.
    """

    event_id: str
    sensor: str
    model: str
    timestamp: int
    rescored: bool = False
    accepted_at: int = field(default=0, compare=False)

    @classmethod
    def of(cls, event: Event) -> LedgerEntry:
        """Creates an entry from an event or from a line of a ledger."""
        return cls(
            str(event["event_id"]),
            str(event["sensor"]),
            str(event["model"]),
            int(event["timestamp"]),
            event.get("rescore", False) is True,
            int(event.get("accepted_at", 0)),
        )


def sent_path(path: Path) -> Path:
    """The path of a ledger's file of sent events."""
    return path.with_name(f"{path.name}.sent")


class Ledger:
    """Writes a ledger. The operating system has every line when the method returns.

    Attributes:
        left: events that an earlier, killed run sent and had no response to.
        continued: whether the file existed and is appended to.

    Raises:
        UsageError: the file cannot be written, or holds something else; this is checked before anything is
            sent.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._sent_path = path, sent_path(path)
        require_appendable(path, _ENTRIES)
        require_appendable(self._sent_path, _SENT)
        self.left = unanswered(path)
        self.continued = path.exists()
        self._accepted = append(path, _ENTRIES)
        self._sent = append(self._sent_path, _SENT)
        self._open = {_encode(event).encode() + b"\n": None for event in self.left}
        self._size = os.fstat(self._sent).st_size

    def send(self, lines: Sequence[bytes]) -> None:
        """Records events, one line each, before they are sent."""
        self._open |= dict.fromkeys(lines)
        written = b"".join(lines)
        write(self._sent, written, self._sent_path)
        self._size += len(written)
        if self._size > _LONGEST_SENT:
            self._compact()

    def accept(self, events: Sequence[Event], lines: Sequence[bytes]) -> None:
        """Records that these events were accepted."""
        now = time.time_ns() // 1_000_000
        entries = (
            _encode(
                {
                    "event_id": event["event_id"],
                    "sensor": event["sensor"],
                    "model": event["model"],
                    "timestamp": event["timestamp"],
                    "accepted_at": now,
                    **({"rescore": True} if event.get("rescore") else {}),
                }
            )
            for event in events
        )
        write(self._accepted, ("\n".join(entries) + "\n").encode(), self._path)
        self.drop(lines)

    def drop(self, lines: Sequence[bytes]) -> None:
        """Removes events that were answered; those that were not accepted are kept elsewhere."""
        for line in lines:
            self._open.pop(line, None)

    def _compact(self) -> None:
        part = self._sent_path.with_name(f"{self._sent_path.name}.part")
        part.write_bytes(b"".join(self._open))
        part.replace(self._sent_path)
        os.close(self._sent)
        self._sent = append(self._sent_path, _SENT)
        self._size = os.fstat(self._sent).st_size

    def close(self) -> None:
        """Ends a run; the file of sent events is deleted if all were answered."""
        os.close(self._accepted)
        os.close(self._sent)
        if not self._open:
            self._sent_path.unlink(missing_ok=True)


def read_ledger(path: Path) -> Iterator[LedgerEntry]:
    """The entries of a ledger in their order; a truncated line is skipped.

    Raises:
        NrtiError: the file cannot be read, or is not a ledger.
    """
    wrong = total = 0
    try:
        with path.open("rb") as file:
            for line in file:
                if not line.strip():
                    continue
                total += 1
                try:
                    yield LedgerEntry.of(json.loads(line))
                except (ValueError, TypeError, LookupError, AttributeError):
                    wrong += 1
    except OSError as error:
        raise NrtiError(f"{path} cannot be read ({error.strerror})", hint="name a ledger") from error
    if wrong and wrong == total:
        raise NrtiError(f"{path} is not a ledger", hint="write one with nrti produce --ledger FILE")


def unanswered(path: Path) -> list[Event]:
    """The events that an earlier, killed run with this ledger sent and had no response to."""
    sent = sent_path(path)
    if not sent.exists():
        return []
    accepted = set(read_ledger(path)) if path.exists() else set()
    events: dict[LedgerEntry, Event] = {}
    for line in sent.read_bytes().splitlines():
        try:
            event = json.loads(line)
            entry = LedgerEntry.of(event)
        except (ValueError, TypeError, LookupError, AttributeError):
            continue
        if entry not in accepted:
            events[entry] = event
    return list(events.values())
