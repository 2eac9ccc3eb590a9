"""Some rows of a table at a time, so that a table of any size can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pyarrow as pa

#: Arrow's class is generic in its stubs only.
Column: TypeAlias = "pa.Array[Any]"
#: Where a row of a block stands, from its number in the block: `data.csv, line 7`.
Place = Callable[[int], str]


@dataclass(frozen=True)
class Block:
    """Rows that follow one another.

    Attributes:
        columns: by name, in their order and of equal length; text where the file holds text.
        rows: how many there are.
        place: where a row stands.
        records: the rows as the JSON objects that they are in the file; None in other files.
    """

    columns: Mapping[str, Column]
    rows: int
    place: Place
    records: Sequence[dict[str, Any]] | None = None

    def row(self, number: int) -> Block:
        """One row alone."""
        columns = {name: column.slice(number, 1) for name, column in self.columns.items()}
        records = None if self.records is None else self.records[number : number + 1]
        return Block(columns, 1, lambda _: self.place(number), records)


@dataclass(frozen=True)
class Table:
    """A table that is read once, from its first row to its last.

    Attributes:
        shown: what messages call it.
        names: of the columns, in their order.
        blocks: the rows.
        share: how much of it was read, 0 to 1; None where its size is unknown.
        objects: whether its rows are JSON objects.
        named: whether the names are the file's; otherwise they are the places of the columns, from 1.
    """

    shown: str
    names: tuple[str, ...]
    blocks: Iterator[Block]
    share: Callable[[], float | None] = lambda: None
    objects: bool = False
    named: bool = True
