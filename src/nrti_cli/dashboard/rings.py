"""Rings of buckets: the counts of the last minutes, hours and days in bounded memory.

A bucket is a bar of the page. Live predictions are counted into all rings. What was predicted before the page
was opened is history, which is queried from the lake ring by ring. A bucket on the border has both. Only the
event loop touches the rings: threads hand over what they counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nrti_cli.dashboard.cells import Cell, Series
from nrti_cli.dashboard.packed import Count, Packing

#: Seconds of a bucket by the seconds of a period that is shown.
WIDTHS = {60: 1, 300: 5, 900: 10, 3_600: 60, 21_600: 300, 86_400: 1_200, 604_800: 1_200}

#: Seconds after which the cells of a bucket are packed, even if it is not over. Cells are many small objects;
#: those that live for minutes among others that come and go leave gaps in the memory, and the process grows.
_PACKED_SECONDS = 60

Cells = dict[Series, Cell]


class Bucket:
    """What was predicted in a span of time.

    Args:
        packing: of its cells, while they do not change.

    Attributes:
        version: of the rings, when it changed last.
    """

    __slots__ = ("_history", "_live", "_packed", "_packing", "version")

    def __init__(self, packing: Packing) -> None:
        self._packing = packing
        #: By the stream: the latest, to be added to, and what came before.
        self._live: Cells = {}
        self._packed = self._history = b""
        self.version = 0

    def add(self, cells: Iterable[tuple[Series, Cell]], version: int) -> None:
        """Adds what the stream brought."""
        self.version = version
        _merge(self._live, cells)

    @property
    def has_history(self) -> bool:
        """Whether the lake has predictions of this time."""
        return bool(self._history)

    def replace_history(self, packed: bytes, version: int) -> None:
        """Puts what the lake says in place of what it said before; nothing, if that is empty."""
        self._history, self.version = packed, version

    def pack(self) -> None:
        """Packs its cells."""
        if not self._live:
            return
        if self._packed:
            _merge(self._live, self._packing.unpack(self._packed).items())
        self._packed, self._live = self._packing.pack(self._live), {}

    def cells(self) -> Iterator[tuple[Series, Cell]]:
        """All cells; a series may have several."""
        for packed in self._parts():
            yield from self._packing.unpack(packed).items()
        yield from self._live.items()

    def counts(self) -> Iterator[Count]:
        """The counts of all cells."""
        for packed in self._parts():
            yield from self._packing.counts(packed)
        yield from ((series, cell.count, cell.failures) for series, cell in self._live.items())

    def _parts(self) -> Iterator[bytes]:
        return (packed for packed in (self._history, self._packed) if packed)


def _merge(into: Cells, cells: Iterable[tuple[Series, Cell]]) -> None:
    for series, cell in cells:
        if series not in into:
            into[series] = Cell()
        into[series].merge(cell)


class Ring:
    """The buckets of one width.

    Args:
        width: seconds of a bucket.
        span: seconds that are kept, up to the newest bucket.
        packing: of the buckets.
    """

    def __init__(self, width: int, span: int, packing: Packing) -> None:
        self.width, self._length, self._packing = width, span // width + 1, packing
        self.buckets: dict[int, Bucket] = {}
        #: When the buckets were packed last, in epoch seconds, and in steps of so many.
        self._packed_at, self._step = 0, min(width, _PACKED_SECONDS)

    def bucket(self, second: int) -> Bucket | None:
        """The bucket of a time, in epoch seconds; None if it is too old to be kept."""
        if second >= self._packed_at + self._step:
            self._pack(second)
        number = second // self.width
        found = self.buckets.get(number)
        if found is None:
            if self.buckets and number <= max(self.buckets) - self._length:
                return None
            found = self.buckets[number] = Bucket(self._packing)
            self._forget(max(self.buckets) - self._length)
        return found

    def _pack(self, now: int) -> None:
        self._packed_at = now - now % self._step
        over = now // self.width - 1  # two short buckets are still added to
        for number, bucket in self.buckets.items():
            if number < over or self.width >= _PACKED_SECONDS:
                bucket.pack()

    def _forget(self, newest: int) -> None:
        for number in [each for each in self.buckets if each <= newest]:
            del self.buckets[number]


class Rings:
    """All rings.

    Attributes:
        version: counts the changes.
        packing: of the cells, for the history too.
    """

    def __init__(self) -> None:
        self.version = 0
        spans: dict[int, int] = {}
        for span, width in WIDTHS.items():
            spans[width] = max(span, spans.get(width, 0))
        self.packing = Packing()
        self._rings = {width: Ring(width, span, self.packing) for width, span in spans.items()}

    def add(self, counted: Mapping[tuple[int, Series], Cell]) -> None:
        """Adds live predictions, counted by second and series."""
        self.version += 1
        by_second: dict[int, list[tuple[Series, Cell]]] = {}
        for (second, series), cell in counted.items():
            by_second.setdefault(second, []).append((series, cell))
        for ring in self._rings.values():
            for second, cells in by_second.items():
                if bucket := ring.bucket(second):
                    bucket.add(cells, self.version)

    def replace_history(self, width: int, since: int, packed: Mapping[int, bytes]) -> None:
        """Puts what the lake says in place of what it said before.

        Args:
            width: of the ring.
            since: the first second that was asked for.
            packed: the cells by the number of the bucket.
        """
        self.version += 1
        ring = self._rings[width]
        for number, bucket in ring.buckets.items():
            if number >= since // width and bucket.has_history and number not in packed:
                bucket.replace_history(b"", self.version)
        for number, found in sorted(packed.items(), reverse=True):
            if kept := ring.bucket(number * width):
                kept.replace_history(found, self.version)

    def changed(
        self, width: int, after: int, since: int
    ) -> Iterator[tuple[int, Iterator[tuple[Series, Cell]]]]:
        """The buckets that changed after a version, by the second at which they begin, oldest first.

        They are unpacked one after the other.

        Args:
            width: of the ring.
            after: a version; -1 for all.
            since: seconds; older buckets are left out.
        """
        for second, bucket in self._since(width, since):
            if bucket.version > after:
                yield second, bucket.cells()

    def counts(self, width: int, since: int) -> Iterator[tuple[int, Iterator[Count]]]:
        """The counts of all buckets that begin at a second or later, in the same way."""
        for second, bucket in self._since(width, since):
            yield second, bucket.counts()

    def _since(self, width: int, since: int) -> Iterator[tuple[int, Bucket]]:
        for number, bucket in sorted(self._rings[width].buckets.items()):
            if number >= since // width:
                yield number * width, bucket
