"""Parquet: read in batches, from a seekable file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from nrti_cli.errors import NrtiError
from nrti_cli.tables.faults import unfit
from nrti_cli.tables.formats.blocks import Block, Column, Table

_ROWS = 16_384
#: Exceptions of Arrow for a file that is damaged, truncated, or not parquet.
_DAMAGED = (pa.ArrowException, OSError, UnicodeDecodeError)


def read_parquet(shown: str, file: BinaryIO) -> Table:
    """A parquet table.

    Raises:
        NrtiError: it is damaged; also while its blocks are read.
    """
    try:
        parquet = pq.ParquetFile(file)
        names = tuple(parquet.schema_arrow.names)
    except _DAMAGED as error:
        raise _damaged(shown) from error
    return Table(shown, names, _blocks(shown, names, parquet))


def _damaged(shown: str) -> NrtiError:
    return unfit(shown, "is a damaged parquet file", "write it again")


def _blocks(shown: str, names: tuple[str, ...], parquet: pq.ParquetFile) -> Iterator[Block]:
    batches, before = parquet.iter_batches(batch_size=_ROWS), 0
    while True:
        try:
            batch = next(batches, None)
        except _DAMAGED as error:
            raise _damaged(shown) from error
        if batch is None:
            return
        columns = {name: _plain(column) for name, column in zip(names, batch.columns, strict=True)}
        yield Block(columns, batch.num_rows, partial(_place, shown, before))
        before += batch.num_rows


def _place(shown: str, before: int, row: int) -> str:
    return f"{shown}, row {before + row + 1}"


def _plain(column: Column) -> Column:
    """A column with its values, if the file has it as a dictionary."""
    return column.dictionary_decode() if isinstance(column, pa.DictionaryArray) else column
