"""Reads a user's data file, CSV or parquet, with errors that name the file and the place in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from nrti_cli.errors import NrtiError
from nrti_cli.sequences import other_separator

if TYPE_CHECKING:
    from pathlib import Path

_PARQUET_MAGIC = b"PAR1"
_MAX_BLOCK = 2**31 - 1
_LONGEST_HEADER = 100_000


def read(path: Path) -> pa.Table:
    """The columns of a file; its content, not its name, tells parquet from CSV.

    Raises:
        NrtiError: it cannot be opened or understood.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(_PARQUET_MAGIC))
    except OSError as error:
        raise NrtiError(
            f"{path} cannot be read: {error.strerror}", hint="name a CSV or parquet file"
        ) from error
    if not start:
        raise NrtiError(f"{path} is empty", hint="name a CSV file with a header, or a parquet file")
    if path.suffix == ".parquet" and start != _PARQUET_MAGIC:
        raise NrtiError(f"{path} is no parquet file, whatever its name says", hint="name another with --data")
    kind = "parquet" if start == _PARQUET_MAGIC else "CSV"
    try:
        table = pq.read_table(path) if kind == "parquet" else _read_csv(path)
        _ = table.column_names  # decodes them
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise NrtiError(
            f"{path} is not a well-formed {kind} file: {error}",
            hint="correct it, or name another with --data",
        ) from error
    return table


def _read_csv(path: Path) -> pa.Table:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        separator = other_separator(file.readline(_LONGEST_HEADER))
    if separator:
        raise NrtiError(
            f"{path} separates its columns by {separator!r}",
            hint="write it with commas, and points in its numbers",
        )
    # Only what is really missing becomes null: text such as NaN must be seen, to be refused by its name.
    convert = pcsv.ConvertOptions(null_values=[""], strings_can_be_null=True)
    # One block, as the first one alone decides the types; one thread, as only that tells the row of an error.
    reading = pcsv.ReadOptions(block_size=min(path.stat().st_size, _MAX_BLOCK), use_threads=False)
    return pcsv.read_csv(path, read_options=reading, convert_options=convert)
