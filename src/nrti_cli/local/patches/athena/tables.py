# ruff: noqa: S608 (SQL is what this module writes; every value in it goes through `literal`)
"""Glue tables as DuckDB relations: which objects they have, and which of them a query needs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit

from sqlglot import exp

from nrti_cli.local.patches.athena.errors import AthenaError, position
from nrti_cli.local.patches.athena.sql import literal, to_duckdb

#: A partition's values, one per partition key and in their order, as the prefix spells them.
Values = tuple[str, ...]


Rows = Callable[[str], list[tuple[Any, ...]]]


class Store(Protocol):
    """What the engine needs of the emulator: the Glue catalogue and the objects in S3."""

    def has_database(self, name: str) -> bool:
        """Whether the catalogue has the database."""

    def databases(self) -> list[str]:
        """The names of all databases."""

    def tables(self, database: str) -> list[str]:
        """The names of a database's tables."""

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        """A table as Glue's GetTable returns it."""

    def objects(self, bucket: str, prefix: str) -> list[tuple[str, int]]:
        """The key and the size in bytes of each object under a prefix."""

    def file(self, bucket: str, key: str) -> Path | None:
        """The file that holds the object, or None when it is only in memory."""

    def content(self, bucket: str, key: str) -> bytes | None:
        """The object's bytes."""

    def foreign_relation(self, definition: dict[str, Any], files: list[str]) -> str | None:
        """DuckDB's relation of a table that is not parquet; None for one that is."""


@dataclass(frozen=True)
class StoredObject:
    """An object of a table: its key, its size in bytes, and the partition it belongs to."""

    key: str
    size: int
    values: Values


@dataclass(frozen=True)
class GlueTable:
    """A table of the Glue catalogue.

    Attributes:
        definition: the table as Glue's GetTable returns it.
    """

    definition: dict[str, Any]

    @property
    def columns(self) -> list[dict[str, str]]:
        """The columns without the partition keys; each has Name and Type."""
        return list(self.definition.get("StorageDescriptor", {}).get("Columns", []))

    @property
    def partition_keys(self) -> list[dict[str, str]]:
        """The partition keys; each has Name and Type."""
        return list(self.definition.get("PartitionKeys") or [])

    @property
    def template(self) -> str:
        """The prefix of a partition, `s3://bucket/prefix/day=${day}/`: as projected, or Hive's way."""
        parameters = self.definition.get("Parameters") or {}
        location = str(self.definition.get("StorageDescriptor", {}).get("Location", "")).rstrip("/") + "/"
        projected = parameters.get("projection.enabled", "").lower() == "true"
        if projected and parameters.get("storage.location.template"):
            return str(parameters["storage.location.template"]).rstrip("/") + "/"
        return location + "".join(f"{key['Name']}=${{{key['Name']}}}/" for key in self.partition_keys)

    @property
    def bucket(self) -> str:
        """The bucket that holds the objects."""
        return urlsplit(self.template).netloc

    @property
    def _key_template(self) -> str:
        return self.template.removeprefix(f"s3://{self.bucket}/")

    def objects(self, store: Store) -> list[StoredObject]:
        """The objects that belong to the table; hidden ones, whose names begin with _ or a dot, do not."""
        pieces = re.split(r"\$\{(\w+)\}", self._key_template)
        pattern = re.compile(
            "".join(f"(?P<{p}>[^/]+)" if i % 2 else re.escape(p) for i, p in enumerate(pieces))
        )
        names = [key["Name"] for key in self.partition_keys]
        found = []
        for key, size in store.objects(self.bucket, pieces[0]):
            match = pattern.match(key)
            if match and not key.endswith("/") and not re.search(r"(^|/)[_.]", key[len(pieces[0]) :]):
                found.append(StoredObject(key, size, tuple(unquote(match[name]) for name in names)))
        return found


def duckdb_type(glue_type: str) -> str:
    """Glue's `array<double>` as DuckDB's `DOUBLE[]`."""
    return exp.DataType.build(glue_type, dialect="hive").sql("duckdb")


def resolve(sql: str, node: exp.Table, database: str, store: Store) -> GlueTable:
    """Finds the table that a FROM or JOIN names.

    Args:
        sql: what the user wrote, for the position.
        node: the reference.
        database: where to look when the reference names none.
        store: the catalogue.

    Raises:
        AthenaError: there is no such table.
    """
    schema, name = (node.db or database).lower(), node.name.lower()
    starts = [part.meta["start"] for part in node.find_all(exp.Identifier) if "start" in part.meta]
    where = position(sql, min(starts, default=0))
    if not store.has_database(schema):
        raise AthenaError(f"SCHEMA_NOT_FOUND: {where}: Schema '{schema}' does not exist")
    definition = store.table(schema, name)
    if not definition:
        raise AthenaError(f"TABLE_NOT_FOUND: {where}: Table 'awsdatacatalog.{schema}.{name}' does not exist")
    return GlueTable(definition)


def partition_conditions(node: exp.Table, table: GlueTable) -> list[exp.Expr]:
    """The parts of the query's WHERE that speak of nothing but this table's partition keys.

    Only an inner join lets a condition choose a table's objects: beside an outer join it may ask for the
    rows that have no partner.
    """
    select = node.find_ancestor(exp.Select)
    where = select.args.get("where") if select else None
    if where is None or any(join.side for join in select.args.get("joins") or []):  # type: ignore[union-attr]
        return []
    keys = {key["Name"].lower() for key in table.partition_keys}
    condition = where.this.unnest()
    parts = condition.flatten() if isinstance(condition, exp.And) else [condition]
    return [part for part in parts if _speaks_only_of(part, keys, {"", node.alias_or_name.lower()})]


def _speaks_only_of(part: exp.Expr, keys: set[str], tables: set[str]) -> bool:
    columns = list(part.find_all(exp.Column))
    return (
        bool(columns)
        and part.find(exp.Query) is None
        and all(column.name.lower() in keys and column.table.lower() in tables for column in columns)
    )


def matching_partitions(
    table: GlueTable, partitions: set[Values], conditions: list[exp.Expr], rows: Rows
) -> set[Values]:
    """Those partitions that meet the conditions, by DuckDB's own judgement."""
    if not partitions or not conditions:
        return partitions
    keys = table.partition_keys
    raw = ", ".join(f"r{index}" for index in range(len(keys)))
    typed = ", ".join(
        f'TRY_CAST(r{index} AS {duckdb_type(key["Type"])}) AS "{key["Name"]}"'
        for index, key in enumerate(keys)
    )
    values = ", ".join(f"({', '.join(map(literal, each))})" for each in partitions)
    where = " AND ".join(f"({to_duckdb(_unqualified(condition))})" for condition in conditions)
    found = rows(f"SELECT {raw} FROM (SELECT {raw}, {typed} FROM (VALUES {values}) v({raw})) WHERE {where}")
    return {tuple(map(str, each)) for each in found}


def _unqualified(condition: exp.Expr) -> exp.Expr:
    condition = condition.copy()
    for column in condition.find_all(exp.Column):
        column.set("table", None)
        column.set("db", None)
    return condition


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
