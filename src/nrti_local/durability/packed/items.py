"""The items of a table, each as bytes: as Python's own objects they take up ten times as much."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any

from nrti_local.durability.packed.form import pack, unpack

#: Names of attributes, and their values in DynamoDB's form.
Item = dict[str, Any]
#: Items by hash key and range key, as ministack has them.
ItemsByKey = Mapping[str, Mapping[str, Item]]


class Partition(MutableMapping[str, Item]):
    """The items of one hash key, by their range key; each look at one gives a copy of its own.

    Args:
        items: those that it holds first.
    """

    __slots__ = ("_packed",)

    def __init__(self, items: Mapping[str, Item]) -> None:
        self._packed = {range_key: pack(item) for range_key, item in items.items()}

    def __getitem__(self, range_key: str) -> Item:
        item: Item = unpack(self._packed[range_key])
        return item

    def __setitem__(self, range_key: str, item: Item) -> None:
        self._packed[range_key] = pack(item)

    def packed(self, range_key: str) -> bytes:
        """Returns an item as it is held."""
        return self._packed[range_key]

    def put_packed(self, range_key: str, item: bytes) -> None:
        """Takes an item as another one held it."""
        self._packed[range_key] = item

    def __delitem__(self, range_key: str) -> None:
        del self._packed[range_key]

    def __contains__(self, range_key: object) -> bool:
        return range_key in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


class Items(MutableMapping[str, Mapping[str, Item]]):
    """The items of one table, by their hash key.

    Args:
        items: those that it holds first.
    """

    def __init__(self, items: ItemsByKey) -> None:
        self._partitions: dict[str, Mapping[str, Item]] = {h: Partition(items[h]) for h in items}

    def __getitem__(self, hash_key: str) -> Mapping[str, Item]:
        return self._shown()[hash_key]

    def __setitem__(self, hash_key: str, items: Mapping[str, Item]) -> None:
        self._partitions[hash_key] = Partition(items)

    def __delitem__(self, hash_key: str) -> None:
        del self._partitions[hash_key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shown())

    def __len__(self) -> int:
        return len(self._partitions)

    def setdefault(self, hash_key: str, items: Any = None) -> Any:
        """Returns the items of a hash key; those given if there are none, but packed."""
        if hash_key not in self._partitions:
            self[hash_key] = items
        return self._partitions[hash_key]

    @contextlib.contextmanager
    def showing(self, some: ItemsByKey) -> Iterator[None]:
        """Seems to hold only some of the items, to whoever looks within the block."""
        token = _SHOWN.set((self, some))
        try:
            yield
        finally:
            _SHOWN.reset(token)

    def _shown(self) -> ItemsByKey:
        shown = _SHOWN.get()
        return shown[1] if shown and shown[0] is self else self._partitions


_SHOWN: ContextVar[tuple[Items, ItemsByKey] | None] = ContextVar("shown", default=None)
