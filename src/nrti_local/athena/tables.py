"""Tables of the Glue catalogue, and the objects that belong to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from sqlglot import exp

from nrti_local.athena.errors import AthenaError, position

#: The values of a partition as text, in the order of the partition keys.
Values = tuple[str, ...]


class Store(Protocol):
    """The engine's access to the Glue catalogue and to S3."""

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

    def file(self, bucket: str, key: str, size: int) -> Path | None:
        """The file that holds the object of that size, or None if there is none."""

    def content(self, bucket: str, key: str) -> bytes | None:
        """The object's bytes, or None if it does not exist."""

    def create_table(self, database: str, table_input: dict[str, Any]) -> None:
        """Creates a table in the catalogue.

        Raises:
            AthenaError: the catalogue rejects it.
        """

    def drop_table(self, database: str, name: str) -> None:
        """Deletes a table from the catalogue.

        Raises:
            AthenaError: the catalogue rejects it.
        """


@dataclass(frozen=True)
class StoredObject:
    """An object of a table: its key, its size in bytes, and the partition it belongs to."""

    key: str
    size: int
    values: Values


@dataclass(frozen=True)
class Serde:
    """The class that reads and writes a table's rows.

    Attributes:
        library: its name in Java.
        parameters: by name.
    """

    library: str
    parameters: dict[str, str]


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
    def serde(self) -> Serde:
        """The SerDe; an empty name if the catalogue has none."""
        info = self.definition.get("StorageDescriptor", {}).get("SerdeInfo") or {}
        return Serde(info.get("SerializationLibrary") or "", info.get("Parameters") or {})

    @property
    def format(self) -> str:
        """The format of the objects, by the table's classification or its classes; `csv` by default."""
        classification = (self.definition.get("Parameters") or {}).get("classification")
        if classification:
            return str(classification).lower()
        storage = self.definition.get("StorageDescriptor", {})
        classes = f"{storage.get('InputFormat', '')} {self.serde.library}".lower()
        return next((name for name in ("parquet", "orc", "avro", "json") if name in classes), "csv")

    @property
    def template(self) -> str:
        """The prefix of a partition, by its projection or Hive's convention: `s3://bucket/prefix/day=${day}/`."""
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
        """Returns the table's objects, without hidden ones, whose names begin with _ or a dot."""
        template = self._key_template
        names = tuple(key["Name"] for key in self.partition_keys)
        found = []
        for key, size in store.objects(self.bucket, template.partition("${")[0]):
            folder, _, name = key.rpartition("/")
            values = _partition(template, names, folder) if name else None
            if values is not None and name[0] not in "_.":
                found.append(StoredObject(key, size, values))
        return found


@lru_cache(maxsize=100_000)
def _partition(template: str, names: tuple[str, ...], folder: str) -> Values | None:
    """Returns the partition of a folder's objects, or None if they are hidden or not the table's.

    Cached: a lake has many objects, and every query looks at all of them.
    """
    pieces = re.split(r"\$\{(\w+)\}", template)
    pattern = "".join(f"(?P<{p}>[^/]+)" if i % 2 else re.escape(p) for i, p in enumerate(pieces))
    match = re.match(pattern, f"{folder}/")
    if not match or re.search(r"(^|/)[_.]", folder[len(pieces[0]) :]):
        return None
    return tuple(unquote(match[name]) for name in names)


def duckdb_type(glue_type: str) -> str:
    """Translates Glue's `array<double>` into DuckDB's `DOUBLE[]`."""
    return exp.DataType.build(glue_type, dialect="hive").sql("duckdb")


def resolve(sql: str, node: exp.Table, database: str, store: Store) -> GlueTable:
    """Finds the table that a FROM or JOIN names.

    Args:
        sql: the statement, for the position in errors.
        node: the reference.
        database: the database if the reference names none.
        store: the catalogue.

    Raises:
        AthenaError: the table does not exist.
    """
    schema, name = (node.db or database).lower(), node.name.lower()
    starts = [part.meta["start"] for part in node.find_all(exp.Identifier) if "start" in part.meta]
    where = position(sql, min(starts, default=0))
    definition = store.table(schema, name)
    if definition:
        return GlueTable(definition)
    if not store.has_database(schema):
        raise AthenaError(f"SCHEMA_NOT_FOUND: {where}: Schema '{schema}' does not exist")
    raise AthenaError(f"TABLE_NOT_FOUND: {where}: Table 'awsdatacatalog.{schema}.{name}' does not exist")
