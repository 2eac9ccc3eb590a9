"""Glue: the raw tables of the lake, which are Parquet files in S3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.errors import code
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_glue.client import GlueClient

    from nrti_cli.aws.target import Target


@dataclass(frozen=True)
class RawTable:
    """A table of files.

    Attributes:
        name: in the catalog.
        columns: without those of the partitions.
        location: the `s3://` URI under which its files are.
    """

    name: str
    columns: frozenset[str]
    location: str


def raw_tables(target: Target, database: str) -> list[RawTable]:
    """The tables of a database that have files of their own; views have none.

    Raises:
        NrtiError: the database does not exist.
    """
    try:
        return list(_raw_tables(target, database))
    except ClientError as error:
        if code(error) == "EntityNotFoundException":
            raise NrtiError(f"database {database!r} does not exist", hint="run nrti bootstrap") from error
        raise


def _raw_tables(target: Target, database: str) -> Iterator[RawTable]:
    client: GlueClient = target.client("glue")
    pages = client.get_paginator("get_tables").paginate(DatabaseName=database)
    for page in pages:
        for table in page["TableList"]:
            if table.get("TableType") == "EXTERNAL_TABLE":
                files = table["StorageDescriptor"]
                columns = frozenset(column["Name"] for column in files.get("Columns", []))
                yield RawTable(table["Name"], columns, files["Location"])
