"""The records of a stream, packed but for its ends: a tenth of what Python's own objects take up."""

from __future__ import annotations

import base64
import binascii
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, overload

from nrti_local.durability.packed.form import pack, unpack

Record = dict[str, Any]
#: Records in a block. They repeat each other, and zlib finds repetitions within 32 KB.
_BLOCK = 64
#: zlib's fastest: the best takes three times as long for a tenth less.
_LEVEL = 1

#: The first records, blocks of those that follow, and the last ones, each packed by itself.
_Parts = tuple[list[Record], list[bytes], list[bytes]]


class Records(Sequence[Record]):
    """A list of records, each packed when it comes, and all but the last ones in blocks.

    It grows at its end, where readers are, and shrinks at its front, where expiry looks: the first ones lie
    there as they are. It is used from any thread: what a reader sees is three lists, of which only the last
    one grows.

    Args:
        records: those that it holds first.
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._lock = threading.Lock()
        self._parts: _Parts = [], [], []
        for record in records:
            self.append(record)

    def __len__(self) -> int:
        front, blocks, end = self._parts
        return len(front) + _BLOCK * len(blocks) + len(end)

    def __bool__(self) -> bool:
        front, _, end = self._parts
        return bool(front or end)

    def __iter__(self) -> Iterator[Record]:
        return self._from(0)

    def __reversed__(self) -> Iterator[Record]:
        for records, _ in self.pieces():
            yield from reversed(records)

    def pieces(self) -> Iterator[tuple[Sequence[Record], bytes]]:
        """All records, the last ones first: some, in their order, and how these are packed together."""
        front, blocks, end = self._parts
        if end:
            yield _Piece(end, self._unpack), _block(end)
        for block in reversed(blocks):
            yield _Piece(_packed(block), self._unpack), block
        if front:
            yield front, self.pack(front)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        if index == 0 and self._parts[0]:  # what every write looks at, for expiry
            return self._parts[0][0]
        wanted = range(len(self))[index]
        if isinstance(wanted, int):
            return next(self._from(wanted))
        if wanted.step != 1:
            raise ValueError("records are read one after the other")
        return list(islice(self._from(wanted.start), len(wanted)))

    def append(self, record: Record) -> None:
        """Adds one; now and then those that have become old are packed with it."""
        with self._lock:
            front, blocks, end = self._parts
            # Packed at once: later all of it would have to be fetched from memory again.
            end.append(self._pack(record))
            if len(end) < 2 * _BLOCK:
                return
            old, end = end[:_BLOCK], end[_BLOCK:]
            if front:
                self._parts = front, [*blocks, _block(old)], end
            else:
                self._parts = list(map(self._unpack, old)), blocks, end

    def __delitem__(self, index: slice) -> None:
        """Forgets the first ones.

        Raises:
            ValueError: others are to be deleted.
        """
        gone = range(len(self))[index]
        if gone.start or gone.step != 1:
            raise ValueError("records are forgotten from the front only")
        with self._lock:
            self._parts = self._without(len(gone))

    def _without(self, count: int) -> _Parts:
        front, blocks, end = self._parts
        if count < len(front):
            return front[count:], blocks, end
        passed, count = divmod(count - len(front), _BLOCK)
        if passed < len(blocks):
            return self.unpack(blocks[passed])[count:], blocks[passed + 1 :], end
        return [], [], end[count + _BLOCK * (passed - len(blocks)) :]

    def _from(self, index: int) -> Iterator[Record]:
        """The records from a position on."""
        front, blocks, end = self._parts
        yield from islice(front, index, None)
        passed, index = divmod(max(0, index - len(front)), _BLOCK)
        for block in islice(blocks, passed, None):
            yield from self.unpack(block)[index:]
            index = 0
        yield from map(self._unpack, islice(end, index + _BLOCK * max(0, passed - len(blocks)), None))

    @classmethod
    def pack(cls, records: Iterable[Record]) -> bytes:
        """Packs some together."""
        return _block(list(map(cls._pack, records)))

    @classmethod
    def unpack(cls, block: bytes) -> list[Record]:
        """Returns what was packed together.

        Raises:
            zlib.error, or what `form.unpack` raises: it is something else.
        """
        return list(map(cls._unpack, _packed(block)))

    @staticmethod
    def _pack(record: Record) -> bytes:
        return pack(record)

    @staticmethod
    def _unpack(packed: bytes) -> Record:
        record: Record = unpack(packed)
        return record


class KinesisRecords(Records):
    """Records whose data is base64, in which zlib would find few repetitions; `append` takes bytes, too."""

    @staticmethod
    def _pack(record: Record) -> bytes:
        data = record.get("Data")
        return pack(record | {"Data": _decoded(data)} if isinstance(data, str) else record)

    @staticmethod
    def _unpack(packed: bytes) -> Record:
        record: Record = unpack(packed)
        if isinstance(record.get("Data"), bytes):
            record["Data"] = base64.b64encode(record["Data"]).decode()
        return record


class _Piece(Sequence[Record]):
    """Records that are unpacked one by one, when they are looked at."""

    def __init__(self, packed: list[bytes], unpack: Callable[[bytes], Record]) -> None:
        self._packed = packed
        self._unpack = unpack

    def __len__(self) -> int:
        return len(self._packed)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        if isinstance(index, slice):
            return list(map(self._unpack, self._packed[index]))
        return self._unpack(self._packed[index])


def _block(packed: list[bytes]) -> bytes:
    return zlib.compress(pack(packed), _LEVEL)


def _packed(block: bytes) -> list[bytes]:
    packed: list[bytes] = unpack(zlib.decompress(block))
    return packed


def _decoded(data: str) -> str | bytes:
    """The bytes of a text, or the text if it is not just what they are encoded as."""
    try:
        content = base64.b64decode(data)
    except (binascii.Error, ValueError):
        return data
    return content if base64.b64encode(content).decode() == data else data
