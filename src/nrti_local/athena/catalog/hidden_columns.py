# ruff: noqa: S608 (SQL is what this module writes; every value in it goes through `literal`)
"""The hidden columns of a table: `"$path"`, the object that a row is from, and `"$file_size"`."""

from __future__ import annotations

from sqlglot import exp

from nrti_local.athena.catalog import relations
from nrti_local.athena.catalog.local_files import LocalFiles
from nrti_local.athena.catalog.objects import StoredObject
from nrti_local.athena.catalog.tables import GlueTable
from nrti_local.athena.errors import absent
from nrti_local.athena.sql import literal
from nrti_local.athena.trino.types import BIGINT, VARCHAR, Type

COLUMNS: list[tuple[str, Type]] = [("$path", VARCHAR), ("$file_size", BIGINT)]
_ATHENAS = {"$file_modified_time", "$partition"}
#: Each object is a query of its own.
_MOST_OBJECTS = 2_000


def used(query: exp.Query) -> bool:
    """Whether a query names a hidden column.

    Raises:
        AthenaError: it names one that only Athena has.
    """
    named = {column.name.lower() for column in query.find_all(exp.Column)}
    for name in sorted(named & _ATHENAS):
        raise absent(f'"{name}"')
    return bool(named & {name for name, _ in COLUMNS})


def relation(table: GlueTable, objects: list[StoredObject], files: LocalFiles) -> str:
    """Returns the relation of a table with its hidden columns.

    Args:
        table: a table of the catalog.
        objects: its objects.
        files: gives them paths.

    Raises:
        AthenaError: there are too many objects.
    """
    if len(objects) > _MOST_OBJECTS:
        raise absent(f'"$path" of more than {_MOST_OBJECTS:,} objects')
    parts = [
        _part(relations.relation(table, paths), f"s3://{each.bucket}/{each.key}", each.size)
        for each in objects
        if (paths := files.of(table, [each]))
    ]
    return " UNION ALL ".join(parts) or f"{_part(relations.relation(table, []), '', 0)} WHERE false"


def _part(sql: str, uri: str, size: int) -> str:
    return f'SELECT *, {literal(uri)} AS "$path", CAST({size} AS BIGINT) AS "$file_size" FROM ({sql})'
