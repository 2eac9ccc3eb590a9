"""Result objects, CSV or tab-separated text: the CSV's first line, and the pages of GetQueryResults."""

from __future__ import annotations

import re
from collections.abc import Callable
from mmap import mmap

#: One value of a CSV and its delimiter; NULL is not quoted.
_VALUE = re.compile(rb'(?:"((?:[^"]|"")*)")?([,\n])')
_LINE = re.compile(rb"([^\n]*)\n")

Row = list[str | None]
#: Returns the row at an offset, and the offset of the next one.
Reader = Callable[[bytes | mmap, int], tuple[Row, int]]


def header(names: list[str]) -> bytes:
    """Returns the line with the column names; DuckDB would rename duplicates."""
    return (",".join('"' + name.replace('"', '""') + '"' for name in names) + "\n").encode()


def csv_row(content: bytes | mmap, offset: int) -> tuple[Row, int]:
    """Returns the row of a query's result at an offset; the first row has the column names."""
    row: Row = []
    for match in _VALUE.finditer(content, offset):
        value = match.group(1)
        row.append(None if value is None else value.decode().replace('""', '"'))
        offset = match.end()
        if match.group(2) == b"\n":
            break
    return row, offset


def text_row(content: bytes | mmap, offset: int) -> tuple[Row, int]:
    """Returns the row of another statement's result at an offset."""
    match = _LINE.match(content, offset)
    if match is None:
        return [], len(content)
    return [*match[1].decode().split("\t")], match.end()


def page(content: bytes | mmap, read: Reader, offset: int, size: int) -> tuple[list[Row], int | None]:
    """Returns a page of a result.

    Args:
        content: the result object.
        read: reads one of its rows.
        offset: where the page begins.
        size: the largest number of rows.

    Returns:
        The rows, and where the next page begins, or None after the last one.
    """
    rows: list[Row] = []
    while len(rows) < size and offset < len(content):
        row, offset = read(content, offset)
        rows.append(row)
    return rows, offset if offset < len(content) else None
