"""Blocks of rows, so that tables of any size can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pyarrow as pa

#: Arrow's class is generic only in its stubs.
Column: TypeAlias = "pa.Array[Any]"
#: Returns the position of a row from its index in the block: `data.csv, line 7`.
Place = Callable[[int], str]


@dataclass(frozen=True)
class Block:
    """Consecutive rows.

    Attributes:
        columns: by name, in order and of equal length; text if the file has text.
        rows: their number.
        place: the position of a row.
        records: the rows as JSON objects, if the file has objects; else None.
    """

    columns: Mapping[str, Column]
    rows: int
    place: Place
    records: Sequence[dict[str, Any]] | None = None

    def row(self, number: int) -> Block:
        """A single row."""
        columns = {name: column.slice(number, 1) for name, column in self.columns.items()}
        records = None if self.records is None else self.records[number : number + 1]
        return Block(columns, 1, lambda _: self.place(number), records)


@dataclass(frozen=True)
class Table:
    """A table that is read once, from its first row to its last.

    Attributes:
        shown: its name for messages.
        names: of the columns, in order.
        blocks: the rows.
        share: the share that was read, 0 to 1; None if its size is unknown.
        objects: whether its rows are JSON objects.
        named: whether the names are from the file; otherwise they are the positions of the columns, from 1.
    """

    shown: str
    names: tuple[str, ...]
    blocks: Iterator[Block]
    share: Callable[[], float | None] = lambda: None
    objects: bool = False
    named: bool = True
