# ruff: noqa: S608 (SQL is what this module writes; every value in it goes through `literal`)
"""The DuckDB relation of a table: a SELECT of its columns, in the catalog's types, from its files."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from nrti_local.athena.catalog import text_formats
from nrti_local.athena.catalog.tables import GlueTable, duckdb_type
from nrti_local.athena.errors import AthenaError
from nrti_local.athena.sql import literal


def relation(table: GlueTable, files: list[Path]) -> str:
    """Returns the relation of a table.

    Args:
        table: a table of the catalog.
        files: its objects, in paths with Hive's names of partitions: `…/day=2026-11-22/…`.

    Raises:
        AthenaError: the table's format is not supported, or a file is not of that format.
    """
    if not files:
        return _empty(table)
    reader = text_formats.READERS.get(table.format)
    if reader:
        return reader(table, files, _hive_options(table))
    if table.format != "parquet":
        raise AthenaError(f"NOT_SUPPORTED: Tables in the format {table.format} are not supported")
    return _parquet(table, files)


def _hive_options(table: GlueTable) -> str:
    """Returns the options with which DuckDB's readers read partition keys from the paths."""
    types = ", ".join(f"{literal(key['Name'])}: {duckdb_type(key['Type'])}" for key in table.partition_keys)
    return f"hive_partitioning = true, hive_types = {{{types}}}" if types else "hive_partitioning = false"


def _empty(table: GlueTable) -> str:
    columns = [*table.columns, *table.partition_keys]
    nulls = ", ".join(f'NULL::{duckdb_type(column["Type"])} AS "{column["Name"]}"' for column in columns)
    return f"SELECT {nulls} WHERE false"


def _parquet(table: GlueTable, files: list[Path]) -> str:
    """A column that a file lacks is NULL: the empty first branch declares all names and types."""
    columns = [*table.columns, *table.partition_keys]
    typed = ", ".join(f'CAST("{c["Name"]}" AS {duckdb_type(c["Type"])}) AS "{c["Name"]}"' for c in columns)
    paths = ", ".join(literal(path) for path in files)
    union = not _alike(files)  # DuckDB would open every file twice before reading
    read = f"SELECT * FROM read_parquet([{paths}], union_by_name = {union}, {_hive_options(table)})"
    return f"SELECT {typed} FROM ({_empty(table)} UNION ALL BY NAME {read})"


def _alike(files: list[Path]) -> bool:
    """Whether all Parquet files have the same columns and types."""
    return len({_parquet_schema(path, path.stat().st_mtime_ns) for path in files}) == 1


@lru_cache(maxsize=100_000)
def _parquet_schema(path: Path, _changed: int) -> int:
    """Returns a hash of a Parquet file's columns and types; cached, since objects rarely change."""
    from pyarrow import ArrowInvalid, parquet

    try:
        schema = parquet.read_schema(path)
    except ArrowInvalid as error:
        raise AthenaError(f"HIVE_BAD_DATA: Not valid Parquet file: {path.name}: {error}") from error
    return hash(schema.to_string(show_field_metadata=False, show_schema_metadata=False))
