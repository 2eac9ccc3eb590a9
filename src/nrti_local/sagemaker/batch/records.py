"""Splits an object into records, and records into payloads of requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

MEGABYTE = 1024 * 1024


class RecordError(Exception):
    """An object cannot be transformed; the text goes to the job's log."""


def payloads(file: BinaryIO, *, lines: bool, many: bool, limit: int) -> Iterator[list[bytes]]:
    """Yields the records of each request.

    Args:
        file: the object.
        lines: whether each line is a record; otherwise the whole object is one.
        many: whether a request has as many records as fit; otherwise it has one.
        limit: the largest size of a request in bytes; 0 means no limit.

    Raises:
        RecordError: a record exceeds the limit.
    """
    records = _lines(file) if lines else iter([file.read()])
    yield from _batches(_within(records, limit), limit if many else 1)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    for line in file:
        yield line.removesuffix(b"\n")


def _within(records: Iterable[bytes], limit: int) -> Iterator[bytes]:
    for record in records:
        if limit and len(record) > limit:
            raise RecordError(f"Too much data for max payload size: a record has {len(record)} bytes")
        yield record


def _batches(records: Iterable[bytes], limit: int) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for record in records:
        if batch and limit and size + len(record) > limit:
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += len(record) + 1
    if batch:
        yield batch
