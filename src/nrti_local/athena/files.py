# ruff: noqa: S608 (SQL is what this module writes; every value in it goes through `literal`)
"""A table's objects as files that DuckDB reads in place, and the relation that they make."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from nrti_local.athena.errors import AthenaError
from nrti_local.athena.sql import literal
from nrti_local.athena.tables import GlueTable, Store, StoredObject, duckdb_type


def relation(table: GlueTable, files: list[Path], store: Store) -> str:
    """A SELECT of the table's columns, in the catalogue's types, from its files.

    A column that some or all parquet files lack is NULL there: the empty first branch names and types all
    of them.
    """
    columns = [*table.columns, *table.partition_keys]
    empty = ", ".join(f'NULL::{duckdb_type(column["Type"])} AS "{column["Name"]}"' for column in columns)
    nothing = f"SELECT {empty} WHERE false"
    if not files:
        return nothing
    foreign = store.foreign_relation(table.definition, [str(path) for path in files])
    if foreign:
        return f"SELECT * FROM {foreign}"
    typed = ", ".join(f'CAST("{c["Name"]}" AS {duckdb_type(c["Type"])}) AS "{c["Name"]}"' for c in columns)
    types = ", ".join(f"{literal(key['Name'])}: {duckdb_type(key['Type'])}" for key in table.partition_keys)
    hive = f"hive_partitioning = true, hive_types = {{{types}}}" if types else "hive_partitioning = false"
    paths = ", ".join(literal(path) for path in files)
    union = not _alike(files)  # with it DuckDB opens every file twice before it begins to read
    read = f"SELECT * FROM read_parquet([{paths}], union_by_name = {union}, {hive})"
    return f"SELECT {typed} FROM ({nothing} UNION ALL BY NAME {read})"


def _alike(files: list[Path]) -> bool:
    """Whether all parquet files have the same columns and types."""
    return len({_parquet_schema(path, path.stat().st_mtime_ns) for path in files}) == 1


@lru_cache(maxsize=100_000)
def _parquet_schema(path: Path, _changed: int) -> int:
    """A number for the columns and types of a parquet file; objects seldom change, so it is remembered."""
    from pyarrow import ArrowInvalid, parquet

    try:
        schema = parquet.read_schema(path)
    except ArrowInvalid as error:
        raise AthenaError(f"HIVE_BAD_DATA: Not valid Parquet file: {path.name}: {error}") from error
    return hash(schema.to_string(show_field_metadata=False, show_schema_metadata=False))


class Files:
    """Makes a table's objects readable as files, without a copy where that is possible.

    Args:
        store: the objects.
        scratch: a directory for what has to be copied.
    """

    def __init__(self, store: Store, scratch: Path) -> None:
        self._store = store
        self._scratch = scratch
        self._numbers = itertools.count()

    def of(self, table: GlueTable, objects: Iterable[StoredObject]) -> list[Path]:
        """The files, in paths that spell the partition Hive's way: `…/day=2026-11-22/…`."""
        found = (self._file(table, each) for each in objects)
        return [path for path in found if path]

    def _file(self, table: GlueTable, each: StoredObject) -> Path | None:
        path = self._store.file(table.bucket, each.key)
        folders = [f"{k['Name']}={quote(v)}" for k, v in zip(table.partition_keys, each.values, strict=True)]
        if path and set(folders) <= set(path.parts):
            return path
        copy = self._scratch.joinpath(str(next(self._numbers)), *folders, "object")
        copy.parent.mkdir(parents=True)
        if path:
            copy.symlink_to(path)
            return copy
        content = self._store.content(table.bucket, each.key)
        if content is None:  # deleted since it was listed
            return None
        copy.write_bytes(content)
        return copy
