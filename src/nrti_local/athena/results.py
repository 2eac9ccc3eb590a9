"""The CSV object of a result: its first line, and the pages of GetQueryResults."""

from __future__ import annotations

import re
from mmap import mmap
from typing import Any

#: One value and what ends it; a NULL is not quoted.
_VALUE = re.compile(rb'(?:"((?:[^"]|"")*)")?([,\n])')


def header(names: list[str]) -> bytes:
    """The line with the column names; DuckDB would not write one name twice."""
    return (",".join('"' + name.replace('"', '""') + '"' for name in names) + "\n").encode()


def page(content: bytes | mmap, columns: list[dict[str, Any]], offset: int, size: int) -> dict[str, Any]:
    """A page of a result, as the API returns it; the first page begins with the column names.

    Args:
        content: the CSV object.
        columns: the ColumnInfo of each column.
        offset: where in `content` the page begins; the NextToken of the page before.
        size: how many rows at most.
    """
    rows: list[dict[str, Any]] = []
    while len(rows) < size and offset < len(content):
        row: list[dict[str, str]] = []
        for match in _VALUE.finditer(content, offset):
            value = match.group(1)
            row.append({} if value is None else {"VarCharValue": value.decode().replace('""', '"')})
            offset = match.end()
            if match.group(2) == b"\n":
                break
        rows.append({"Data": row})
    answer: dict[str, Any] = {
        "UpdateCount": 0,
        "ResultSet": {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": columns}},
    }
    return {**answer, "NextToken": str(offset)} if offset < len(content) else answer
