"""Cells of a bucket in a tenth of the memory, for those that do not change any more."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterator
from threading import Lock
from typing import TYPE_CHECKING

from nrti_cli.dashboard.cells import Cell, Histogram, Series

if TYPE_CHECKING:
    from collections.abc import Mapping


class Packing:
    """Packs cells as numbers, with the series by their places in a list that all buckets share."""

    def __init__(self) -> None:
        self._growing = Lock()
        self._series: list[Series] = []
        self._places: dict[Series, int] = {}

    def pack(self, cells: Mapping[Series, Cell]) -> bytes:
        """The cells of a bucket."""
        numbers = array("I")
        for series, cell in cells.items():
            numbers.extend((self._place(series), cell.count, cell.failures))
            for histogram in (cell.probability, cell.latency):
                numbers.append(len(histogram))
                for pair in histogram.items():
                    numbers.extend(pair)
        return zlib.compress(numbers.tobytes(), 1)

    def unpack(self, packed: bytes) -> dict[Series, Cell]:
        """The cells again."""
        numbers = iter(array("I", zlib.decompress(packed)))
        found = {}
        for place in numbers:
            count, failures = next(numbers), next(numbers)
            found[self._series[place]] = Cell(count, failures, _histogram(numbers), _histogram(numbers))
        return found

    def _place(self, series: Series) -> int:
        place = self._places.get(series)
        if place is None:
            with self._growing:  # the history is packed in a thread
                place = self._places.get(series, len(self._series))
                if place == len(self._series):
                    self._series.append(series)
                    self._places[series] = place
        return place


def _histogram(numbers: Iterator[int]) -> Histogram:
    return {next(numbers): next(numbers) for _ in range(next(numbers))}
