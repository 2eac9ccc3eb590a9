"""Glue: the raw tables of the lake, which are Parquet files in S3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    """The tables of a database that have files of their own; views have none."""
    client: GlueClient = target.client("glue")
    pages = client.get_paginator("get_tables").paginate(DatabaseName=database)
    return [
        RawTable(
            table["Name"],
            frozenset(column["Name"] for column in table["StorageDescriptor"].get("Columns", [])),
            table["StorageDescriptor"]["Location"],
        )
        for page in pages
        for table in page["TableList"]
        if table.get("TableType") == "EXTERNAL_TABLE"
    ]
