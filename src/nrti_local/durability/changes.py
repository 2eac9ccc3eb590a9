"""Tracks the items of DynamoDB's tables that changed since the last snapshot."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

#: The hash key and the range key of an item.
Key = tuple[str, str]


@dataclass(frozen=True)
class Taken:
    """Changes that a snapshot saves.

    Attributes:
        keys: of changed items, by table id.
        whole: ids of tables whose items were all replaced.
    """

    keys: dict[str, set[Key]]
    whole: set[str]


class Changes:
    """The changes of all tables, by the id of the table; any thread may use it.

    Attributes:
        lock: held while an item changes and is marked, so that no snapshot falls between the two.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._keys: dict[str, set[Key]] = {}
        self._whole: set[str] = set()

    def mark(self, table: str, keys: Iterable[Key]) -> None:
        """Marks items as changed; the caller holds the lock."""
        self._keys.setdefault(table, set()).update(keys)

    def mark_whole(self, table: str) -> None:
        """Marks all items of a table as replaced."""
        with self.lock:
            self._whole.add(table)

    def take(self) -> Taken:
        """Returns what changed, and starts again with nothing."""
        with self.lock:
            taken = Taken(self._keys, self._whole)
            self._keys, self._whole = {}, set()
        return taken

    def give_back(self, taken: Taken) -> None:
        """Adds changes that were taken but not saved."""
        with self.lock:
            self._whole |= taken.whole
            for table, keys in taken.keys.items():
                self._keys.setdefault(table, set()).update(keys)


CHANGES = Changes()
