"""Cells are the same after they were packed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from nrti_cli.dashboard.cells import Cell, Series
from nrti_cli.dashboard.packed import Packing


def cells(first: int, count: int) -> dict[Series, Cell]:
    found = {}
    for number in range(first, first + count):
        cell = found[Series(f"sensor-{number}", "m", "")] = Cell()
        for each in range(number % 40):
            cell.add(each % 2, each / 40 if number % 3 else None, 1.5**each)
    return found


def test_cells_of_several_buckets_come_back() -> None:
    packing = Packing()
    buckets = [cells(first, 30) for first in (0, 10, 5)]

    packed = [packing.pack(bucket) for bucket in buckets]

    assert [packing.unpack(each) for each in packed] == buckets
    assert packing.unpack(packing.pack({})) == {}


def test_the_counts_of_packed_cells_are_those_of_the_cells() -> None:
    packing, bucket = Packing(), cells(5, 30)
    packing.pack(cells(0, 10))

    counts = list(packing.counts(packing.pack(bucket)))

    assert counts == [(series, cell.count, cell.failures) for series, cell in bucket.items()]


def test_two_threads_pack_at_once() -> None:
    packing = Packing()
    buckets = [cells(first, 200) for first in range(0, 4_000, 100)]

    with ThreadPoolExecutor(4) as threads:
        packed = list(threads.map(packing.pack, buckets))

    assert [packing.unpack(each) for each in packed] == buckets
