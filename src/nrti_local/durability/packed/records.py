"""The records of a stream, packed: a tenth of the memory that Python's own objects take."""

from __future__ import annotations

import base64
import binascii
import threading
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, overload

from nrti_local.durability.numbers import TABLES
from nrti_local.durability.packed.form import pack, unpack
from nrti_local.dynamodb import identity

Record = dict[str, Any]
#: Records in a block. They repeat each other, and zlib finds repetitions within 32 KB.
_BLOCK = 64
#: zlib's fastest level: the best one takes three times as long to save another tenth.
_LEVEL = 1

#: The first records, blocks of those that follow, and the last ones, each packed by itself.
_Parts = tuple[list[Record], list[bytes], list[bytes]]


class Records(Sequence[Record]):
    """A list of records, each packed when it arrives, and all but the last ones in blocks.

    It grows at its end, where readers are, and shrinks at its front, where expiry looks: the first records
    stay unpacked. Any thread may use it: a reader sees three lists, of which only the last one grows.

    Args:
        records: the first content.
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._lock = threading.Lock()
        self._parts: _Parts = [], [], []
        for record in records:
            self._add(record)

    @staticmethod
    def number(record: Record) -> str:
        """The sequence number of a record; as texts, the numbers of a stream are in order."""
        return str(record["SequenceNumber"])

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
        """All records, the last ones first: some, in their order, and the bytes of these packed together."""
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
        wanted = range(len(self))[index]
        if isinstance(wanted, int):
            return self._at(wanted)
        if wanted.step != 1:
            raise ValueError("records are read one after the other")
        return list(islice(self._from(wanted.start), len(wanted)))

    def position(self, number: str, *, behind: bool = False) -> int:
        """The index of the first record with a number or a higher one.

        It searches from the end, where most readers are.

        Args:
            number: a sequence number.
            behind: skip the record with exactly this number.
        """
        low = high = len(self)
        step = 1
        while low and self.number(self[low - 1]) >= number:
            low, high = max(0, low - step), low
            step *= 2
        return (bisect_right if behind else bisect_left)(self, number, low, high, key=self.number)

    def append(self, record: Record) -> None:
        """Adds a record at the end."""
        with self._lock:
            self._add(record)

    def _add(self, record: Record) -> None:
        """Adds one; from time to time it packs a block of those that have become old."""
        front, blocks, end = self._parts
        # Packed immediately: later, all of it would have to be fetched from memory again.
        end.append(self._pack(record))
        if len(end) < 2 * _BLOCK:
            return
        old, end = end[:_BLOCK], end[_BLOCK:]
        if front:
            self._parts = front, [*blocks, _block(old)], end
        else:
            self._parts = list(map(self._unpack, old)), blocks, end

    def __delitem__(self, index: slice) -> None:
        """Removes records from the front.

        Raises:
            ValueError: the slice is not at the front.
        """
        gone = range(len(self))[index]
        if gone.start or gone.step != 1:
            raise ValueError("records are removed from the front only")
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

    def _at(self, index: int) -> Record:
        front, blocks, end = self._parts
        if index < len(front):
            return front[index]
        passed, index = divmod(index - len(front), _BLOCK)
        if passed < len(blocks):
            return self._unpack(_packed(blocks[passed])[index])
        return self._unpack(end[index + _BLOCK * (passed - len(blocks))])

    def _from(self, index: int) -> Iterator[Record]:
        """The records from an index on."""
        front, blocks, end = self._parts
        yield from islice(front, index, None)
        passed, index = divmod(max(0, index - len(front)), _BLOCK)
        for block in islice(blocks, passed, None):
            yield from self.unpack(block)[index:]
            index = 0
        yield from map(self._unpack, islice(end, index + _BLOCK * max(0, passed - len(blocks)), None))

    @classmethod
    def pack(cls, records: Iterable[Record]) -> bytes:
        """Packs some records together."""
        return _block(list(map(cls._pack, records)))

    @classmethod
    def unpack(cls, block: bytes) -> list[Record]:
        """Returns the records that were packed together.

        Raises:
            zlib.error, or what `form.unpack` raises: the bytes are something else.
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


class TableRecords(Records):
    """The records of a table's stream, which numbers them as they arrive.

    ministack takes the number from the clock, and from a counter that starts again with the server: a clock
    that is set back would make a number lower than the one before.
    """

    @staticmethod
    def number(record: Record) -> str:
        """The sequence number of a record."""
        return str(record["dynamodb"]["SequenceNumber"])

    def append(self, record: Record) -> None:
        """Adds a record at the end, with the next number."""
        with self._lock:
            record["dynamodb"]["SequenceNumber"] = TABLES.next()
            self._add(record | identity.in_table_stream())


class _Piece(Sequence[Record]):
    """Records that are unpacked one by one, when they are read."""

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
    """The decoded bytes of a base64 text; the text itself if encoding them would not give it back."""
    try:
        content = base64.b64decode(data)
    except (binascii.Error, ValueError):
        return data
    return content if base64.b64encode(content).decode() == data else data
