"""Packs the cells of finished buckets into a tenth of the memory."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterator
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING

from nrti_cli.dashboard.cells import Cell, Histogram, Series

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A series, its predictions, and those of a failure.
Count = tuple[Series, int, int]
#: Bytes of a number.
_BYTES = array("I").itemsize


class Packing:
    """Packs cells as numbers, with the series by their places in a list that all buckets share."""

    def __init__(self) -> None:
        self._growing = Lock()
        self._series: list[Series] = []
        self._places: dict[Series, int] = {}

    def pack(self, cells: Mapping[Series, Cell]) -> bytes:
        """The cells of a bucket."""
        places, counts, failures = array("I"), array("I"), array("I")
        sizes, bins, frequencies = array("I"), array("I"), array("I")
        for series, cell in cells.items():
            places.append(self._place(series))
            counts.append(cell.count)
            failures.append(cell.failures)
            for histogram in (cell.probability, cell.latency):
                ordered = dict(sorted(histogram.items()))
                sizes.append(len(ordered))
                bins.extend(ordered)
                frequencies.extend(ordered.values())
        return _compressed(places + counts + failures) + _compressed(sizes + bins + frequencies)

    def unpack(self, packed: bytes) -> dict[Series, Cell]:
        """The cells again."""
        reading = zlib.decompressobj()
        counts = list(self._counts(reading.decompress(packed)))
        histograms = _histograms(_numbers(zlib.decompress(reading.unused_data)), 2 * len(counts))
        return {
            series: Cell(count, failures, next(histograms), next(histograms))
            for series, count, failures in counts
        }

    def counts(self, packed: bytes) -> Iterator[Count]:
        """The counts of the cells; it takes a tenth of the time, because they are packed by themselves."""
        return self._counts(zlib.decompressobj().decompress(packed))

    def _counts(self, planes: bytes) -> Iterator[Count]:
        numbers = _numbers(planes)
        length = len(numbers) // 3
        places, counts, failures = numbers[:length], numbers[length : 2 * length], numbers[2 * length :]
        return zip((self._series[place] for place in places), counts, failures, strict=True)

    def _place(self, series: Series) -> int:
        place = self._places.get(series)
        if place is None:
            with self._growing:  # the history is packed in a thread
                place = self._places.get(series, len(self._series))
                if place == len(self._series):
                    self._series.append(series)
                    self._places[series] = place
        return place


def _histograms(numbers: array[int], length: int) -> Iterator[Histogram]:
    sizes, places = numbers[:length], (len(numbers) + length) // 2
    pairs = zip(numbers[length:places], numbers[places:], strict=True)
    return (dict(islice(pairs, size)) for size in sizes)


def _compressed(numbers: array[int]) -> bytes:
    """Numbers by the significance of their bytes: most are small, so that three of four bytes are zero."""
    content = numbers.tobytes()
    return zlib.compress(b"".join(content[place::_BYTES] for place in range(_BYTES)))


def _numbers(planes: bytes) -> array[int]:
    content, length = bytearray(len(planes)), len(planes) // _BYTES
    for place in range(_BYTES):
        content[place::_BYTES] = planes[place * length : (place + 1) * length]
    return array("I", bytes(content))
