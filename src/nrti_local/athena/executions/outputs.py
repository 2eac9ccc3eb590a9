"""Uploads the files of a CREATE TABLE AS or an UNLOAD to S3, with their manifest, and creates the table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from nrti_local.athena.catalog.objects import unregistered
from nrti_local.athena.catalog.tables import GlueTable, Store
from nrti_local.athena.errors import AthenaError
from nrti_local.athena.trino.types import Type
from nrti_local.athena.writing import Write, hive_type

_HIVE = "org.apache.hadoop.hive.ql.io.parquet"
_CLASSES = {
    "PARQUET": (
        f"{_HIVE}.MapredParquetInputFormat",
        f"{_HIVE}.MapredParquetOutputFormat",
        f"{_HIVE}.serde.ParquetHiveSerDe",
    ),
    "JSON": (
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "org.openx.data.jsonserde.JsonSerDe",
    ),
}
_ENFORCED = (
    "The Create Table As Select query failed because it was submitted with an 'external_location' property "
    "to an Athena Workgroup that enforces a centralized output location for all queries. Please remove the "
    "'external_location' property and resubmit the query."
)


@dataclass(frozen=True)
class Written:
    """What such a statement wrote.

    Attributes:
        statement: the statement.
        columns: of the result.
        files: below `root`.
        root: a directory.
        rows: the number of rows.
        scanned: as in `QueryResult`.
        planning_ms: as in `QueryResult`.
    """

    statement: Write
    columns: list[tuple[str, Type]]
    files: list[Path]
    root: Path
    rows: int
    scanned: int
    planning_ms: int


def check_target(statement: Write, database: str, results: str, store: Store, *, enforced: bool) -> None:
    """Checks before the query runs that its result has a place.

    Args:
        statement: the statement.
        database: the default database.
        results: the work group's location of results.
        store: the catalog and the objects.
        enforced: whether the work group enforces its location.

    Raises:
        AthenaError: the table exists, its database does not, or the location has objects.
    """
    schema = statement.database or database
    if statement.table and statement.location and enforced:
        raise AthenaError(_ENFORCED)
    if statement.table and not store.has_database(schema):
        raise AthenaError(f"SCHEMA_NOT_FOUND: Schema {schema} not found")
    if statement.table and store.table(schema, statement.table):
        raise AthenaError(
            f"TABLE_ALREADY_EXISTS: Table 'awsdatacatalog.{schema}.{statement.table}' already exists"
        )
    if statement.location and statement.location.rstrip("/") != results.rstrip("/"):
        place = urlsplit(statement.location)
        prefix = place.path.strip("/")
        if store.objects(place.netloc, f"{prefix}/" if prefix else ""):
            name = f" for table '{schema}.{statement.table}'" if statement.table else ""
            raise AthenaError(
                f"HIVE_PATH_ALREADY_EXISTS: Target directory{name} already exists: {statement.location}"
            )


def put(written: Written, location: str, manifest: str, store: Store) -> None:
    """Puts the files and their manifest into S3.

    Args:
        written: the files.
        location: the S3 URI that they get.
        manifest: the S3 URI of the manifest, which lists their URIs.
        store: the objects.
    """
    uris = []
    for path in written.files:
        folder = path.parent.relative_to(written.root).as_posix().strip(".")
        uri = "/".join(part for part in (location.rstrip("/"), folder, uuid4().hex + path.suffix) if part)
        _put(store, uri, path.read_bytes())
        uris.append(uri)
    _put(store, manifest, "".join(f"{uri}\n" for uri in uris).encode())


def _put(store: Store, uri: str, content: bytes) -> None:
    place = urlsplit(uri)
    store.put(place.netloc, place.path.lstrip("/"), content)


def make_table(written: Written, database: str, location: str, store: Store) -> None:
    """Makes the table of a CREATE TABLE AS, with its partitions."""
    statement = written.statement
    schema = statement.database or database
    described = table_input(statement, written.columns, location)
    store.create_table(schema, described)
    if statement.partitions:
        table = GlueTable({**described, "DatabaseName": schema})
        store.add_partitions(table, unregistered(table, store))


def table_input(statement: Write, columns: list[tuple[str, Type]], location: str) -> dict[str, Any]:
    """Returns the TableInput that Athena sends to Glue."""
    described = [{"Name": name.lower(), "Type": hive_type(kind)} for name, kind in columns]
    keys = statement.partitions
    input_format, output_format, serde = _CLASSES[statement.format]
    return {
        "Name": statement.table,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false"},
        "PartitionKeys": [each for each in described if each["Name"] in keys],
        "StorageDescriptor": {
            "Columns": [each for each in described if each["Name"] not in keys],
            "Location": location,
            "InputFormat": input_format,
            "OutputFormat": output_format,
            "Compressed": False,
            "NumberOfBuckets": -1,
            "SerdeInfo": {"SerializationLibrary": serde, "Parameters": {}},
            "BucketColumns": [],
            "SortColumns": [],
            "StoredAsSubDirectories": False,
        },
    }
