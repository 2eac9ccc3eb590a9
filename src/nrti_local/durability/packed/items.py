"""The items of a table, each packed: a tenth of the memory that Python's own objects take.

A table also knows which of its items changed since the last snapshot, because every change goes through here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any

from nrti_local.durability.changes import CHANGES, Key
from nrti_local.durability.packed import range_keys
from nrti_local.durability.packed.form import pack, unpack

#: Names of attributes, and their values in DynamoDB's form.
Item = dict[str, Any]
#: Items by hash key and range key, the form that ministack uses.
ItemsByKey = Mapping[str, Mapping[str, Item]]


class Partition(MutableMapping[str, Item]):
    """The items of one hash key, by their range key; each read returns a copy.

    Args:
        items: the first content.
        hash_key: of all items.
        owner: the table's items, which record changes; None for a copy that is no part of a table.
    """

    __slots__ = ("_hash_key", "_owner", "_packed")

    def __init__(self, items: Mapping[str, Item], hash_key: str = "", owner: Items | None = None) -> None:
        self._hash_key, self._owner = hash_key, owner
        self._packed = {range_key: pack(item) for range_key, item in items.items()}

    def __getitem__(self, range_key: str) -> Item:
        item: Item = unpack(self._packed[range_key])
        return item

    def __setitem__(self, range_key: str, item: Item) -> None:
        packed = pack(item)
        with CHANGES.lock:
            self.put_packed(range_key, packed)
            self._mark(range_key)

    def __delitem__(self, range_key: str) -> None:
        with CHANGES.lock:
            del self._packed[range_key]
            self._mark(range_key)

    def _mark(self, range_key: str) -> None:
        if self._owner:
            self._owner.mark([(self._hash_key, range_key)])

    def packed(self, range_key: str) -> bytes:
        """Returns an item in its packed form."""
        return self._packed[range_key]

    def put_packed(self, range_key: str, item: bytes) -> None:
        """Stores an item that is packed already, without marking it as changed."""
        self._packed[range_key] = item

    def __contains__(self, range_key: object) -> bool:
        return range_key in self._packed

    def __iter__(self) -> Iterator[str]:
        """The range keys; sorted, they are in DynamoDB's order."""
        made = range_keys.maker(self._owner.table) if self._owner else None
        return map(made, self._packed) if made else iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def __deepcopy__(self, _memo: object) -> Partition:
        """A copy that is no part of a table: ministack makes one for a backup and before a transaction."""
        copied = Partition({})
        for range_key, item in self._packed.items():
            copied.put_packed(range_key, item)
        return copied


class Items(MutableMapping[str, Mapping[str, Item]]):
    """The items of one table, by their hash key.

    Args:
        items: the first content.

    Attributes:
        partitions: all items, also while a view shows some of them.
        changes: how often items were added, changed or deleted.
        table: as ministack has it, with its keys and its id; None for items that record no changes.
    """

    def __init__(self, items: ItemsByKey) -> None:
        self.table: Mapping[str, Any] | None = None
        self.changes = 0
        self.partitions: dict[str, Partition] = {}
        for hash_key in items:
            self[hash_key] = items[hash_key]

    def __getitem__(self, hash_key: str) -> Mapping[str, Item]:
        return self._shown()[hash_key]

    def __setitem__(self, hash_key: str, items: Mapping[str, Item]) -> None:
        self.partitions[hash_key] = Partition(items, hash_key, self)
        if items:
            with CHANGES.lock:
                self.mark([(hash_key, range_key) for range_key in items])

    def __delitem__(self, hash_key: str) -> None:
        with CHANGES.lock:
            gone = self.partitions.pop(hash_key)
            self.mark([(hash_key, range_key) for range_key in gone])

    def __iter__(self) -> Iterator[str]:
        return iter(self._shown())

    def __len__(self) -> int:
        return len(self.partitions)

    def setdefault(self, hash_key: str, items: Any = None) -> Any:
        """Returns the items of a hash key, after adding the given ones if there are none."""
        if hash_key not in self.partitions:
            self[hash_key] = items
        return self.partitions[hash_key]

    def put_all(self, items: Mapping[Key, Item]) -> None:
        """Stores many items at once, as setting each of them does."""
        packed = {key: pack(item) for key, item in items.items()}
        with CHANGES.lock:
            for (hash_key, range_key), item in packed.items():
                if hash_key not in self.partitions:
                    self.partitions[hash_key] = Partition({}, hash_key, self)
                self.partitions[hash_key].put_packed(range_key, item)
            self.mark(packed)

    def packed(self, hash_key: str, range_key: str) -> bytes | None:
        """Returns an item in its packed form, or None if there is no such item."""
        partition = self.partitions.get(hash_key)
        return partition.packed(range_key) if partition is not None and range_key in partition else None

    def mark(self, keys: Any) -> None:
        """Marks items as changed; the caller holds the lock of the changes."""
        self.changes += 1
        if self.table is not None:
            CHANGES.mark(self.table["TableId"], keys)

    def _shown(self) -> ItemsByKey:
        view = _VIEW.get()
        return view(self) if view else self.partitions


_VIEW: ContextVar[Callable[[Items], ItemsByKey] | None] = ContextVar("view", default=None)


@contextlib.contextmanager
def showing(view: Callable[[Items], ItemsByKey]) -> Iterator[None]:
    """Makes tables seem to hold only the items of a view, for the code within the block."""
    token = _VIEW.set(view)
    try:
        yield
    finally:
        _VIEW.reset(token)
