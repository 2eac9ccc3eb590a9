"""Tables of the Glue catalog, and the objects that belong to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlglot import exp

from nrti_local.athena.errors import AthenaError, position
from nrti_local.athena.trino.datatypes import from_datatype
from nrti_local.athena.trino.refusals import RefusalError
from nrti_local.athena.trino.types import Type

#: The values of a partition as text, in the order of the partition keys.
Values = tuple[str, ...]


class Store(Protocol):
    """The engine's access to the Glue catalog and to S3."""

    def has_database(self, name: str) -> bool:
        """Whether the catalog has the database."""

    def databases(self) -> list[str]:
        """The names of all databases."""

    def tables(self, database: str) -> list[str]:
        """The names of a database's tables."""

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        """A table as Glue's GetTable returns it."""

    def objects(self, bucket: str, prefix: str) -> list[tuple[str, int]]:
        """The key and the size in bytes of each object under a prefix."""

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """The prefixes that the keys under a prefix have up to the next slash, which is included."""

    def file(self, bucket: str, key: str, size: int) -> Path | None:
        """The file that holds the object of that size, or None if there is none."""

    def content(self, bucket: str, key: str) -> bytes | None:
        """The object's bytes, or None if it does not exist."""

    def partitions(self, database: str, name: str) -> list[tuple[Values, str]]:
        """The partitions of a table in the catalog: their values and their locations."""

    def add_partitions(self, table: GlueTable, partitions: list[tuple[Values, str]]) -> None:
        """Adds partitions to the catalog.

        Raises:
            AthenaError: the catalog rejects one.
        """

    def drop_partition(self, table: GlueTable, values: Values) -> None:
        """Deletes a partition from the catalog; its objects stay.

        Raises:
            AthenaError: the catalog rejects it.
        """

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Puts an object.

        Raises:
            AthenaError: S3 refuses it.
        """

    def create_table(self, database: str, table_input: dict[str, Any]) -> None:
        """Creates a table in the catalog.

        Raises:
            AthenaError: the catalog rejects it.
        """

    def drop_table(self, database: str, name: str) -> None:
        """Deletes a table from the catalog.

        Raises:
            AthenaError: the catalog rejects it.
        """


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
    """A table of the Glue catalog.

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
    def typed_columns(self) -> list[tuple[str, Type]]:
        """The names and Trino types of the columns, with the partition keys at the end."""
        return [(each["Name"], trino_type(each["Type"])) for each in [*self.columns, *self.partition_keys]]

    @property
    def serde(self) -> Serde:
        """The SerDe; an empty name if the catalog has none."""
        info = self.definition.get("StorageDescriptor", {}).get("SerdeInfo") or {}
        return Serde(info.get("SerializationLibrary") or "", info.get("Parameters") or {})

    @property
    def format(self) -> str:
        """The format of the objects, by the table's classification or its classes; `csv` by default."""
        if classification := self.parameters.get("classification"):
            return classification.lower()
        storage = self.definition.get("StorageDescriptor", {})
        classes = f"{storage.get('InputFormat', '')} {self.serde.library}".lower()
        return next((name for name in ("parquet", "orc", "avro", "json") if name in classes), "csv")

    @property
    def parameters(self) -> dict[str, str]:
        """The properties of the table, TBLPROPERTIES in SQL."""
        return self.definition.get("Parameters") or {}

    @property
    def projected(self) -> bool:
        """Whether the partitions are computed from the table's parameters."""
        return self.parameters.get("projection.enabled", "").lower() == "true"

    @property
    def template(self) -> str:
        """The prefix of a partition, by its projection or Hive's convention: `s3://bucket/prefix/day=${day}/`."""
        location = str(self.definition.get("StorageDescriptor", {}).get("Location", "")).rstrip("/") + "/"
        if self.projected and (template := self.parameters.get("storage.location.template")):
            return template.rstrip("/") + "/"
        return location + "".join(f"{key['Name']}=${{{key['Name']}}}/" for key in self.partition_keys)

    @property
    def name(self) -> tuple[str, str]:
        """The names of the database and of the table."""
        return self.definition.get("DatabaseName", ""), self.definition["Name"]

    @property
    def bucket(self) -> str:
        """The bucket of its location."""
        return urlsplit(self.template).netloc

    @property
    def key_template(self) -> str:
        """The template without the bucket."""
        return self.template.removeprefix(f"s3://{self.bucket}/")

    @property
    def prefix(self) -> str:
        """What the keys of all objects begin with."""
        return self.key_template.partition("${")[0]


@lru_cache(maxsize=1000)
def trino_type(glue_type: str) -> Type:
    """Translates Glue's `array<double>` into Trino's `array(double)`.

    Raises:
        AthenaError: Trino has no such type.
    """
    kind = exp.DataType.build(glue_type, dialect="hive")
    try:
        return from_datatype(kind, kind)
    except RefusalError as error:
        raise AthenaError(f"TYPE_NOT_FOUND: Unsupported Hive type: {glue_type}") from error


def duckdb_type(glue_type: str) -> str:
    """Translates Glue's `array<double>` into DuckDB's `DOUBLE[]`."""
    return trino_type(glue_type).duckdb


def resolve(sql: str, node: exp.Table, database: str, store: Store) -> GlueTable:
    """Finds the table that a FROM or JOIN names.

    Args:
        sql: the statement, for the position in errors.
        node: the reference.
        database: the database if the reference names none.
        store: the catalog.

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
