"""ALTER TABLE … ADD PARTITION and DROP PARTITION."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nrti_local.athena.catalog.objects import place as hive_place
from nrti_local.athena.catalog.objects import registered
from nrti_local.athena.catalog.tables import GlueTable, Store, Values
from nrti_local.athena.comments import without
from nrti_local.athena.errors import AthenaError

_ALTER = re.compile(
    r"\s*alter\s+table\s+(?P<table>[\w.`]+)\s+(?P<verb>add|drop)\s+(?P<lenient>if\s+(?:not\s+)?exists\s+)?"
    r"(?P<partitions>(?:partition\s*\([^)]*\)(?:\s*location\s*'[^']*')?\s*,?\s*)+?)\s*;?\s*",
    re.IGNORECASE,
)
_PARTITION = re.compile(r"partition\s*\(([^)]*)\)(?:\s*location\s*'([^']*)')?", re.IGNORECASE)
_VALUE = re.compile(
    r"\s*`?(?P<key>\w+)`?\s*=\s*(?:date\s*)?(?:'(?P<text>[^']*)'|(?P<number>-?\d+))\s*", re.IGNORECASE
)


@dataclass(frozen=True)
class Alter:
    """A change of the partitions of a table.

    Attributes:
        database: of the table; empty for the default one.
        table: its name.
        adds: whether it adds partitions, or else drops them.
        lenient: whether it ignores partitions that exist already, or that do not exist.
        partitions: the values by key, and the location, which may be empty.
    """

    database: str
    table: str
    adds: bool
    lenient: bool
    partitions: list[tuple[dict[str, str], str]]


def parse(sql: str) -> Alter | None:
    """Reads such a statement; returns None for any other one."""
    found = _ALTER.fullmatch(without(sql))
    if found is None:
        return None
    partitions = []
    for content, location in _PARTITION.findall(found["partitions"]):
        values = [_VALUE.fullmatch(part) for part in content.split(",")]
        if not all(values):
            return None
        pairs = {each["key"].lower(): each["text"] or each["number"] or "" for each in values if each}
        partitions.append((pairs, location))
    database, _, table = found["table"].replace("`", "").lower().rpartition(".")
    return Alter(database, table, found["verb"].lower() == "add", bool(found["lenient"]), partitions)


def run(alter: Alter, database: str, store: Store) -> None:
    """Changes the catalog.

    Raises:
        AthenaError: the table or a partition does not exist, or exists already, or the values are not those
            of the table's partition keys.
    """
    schema = alter.database or database.lower()
    definition = store.table(schema, alter.table)
    if definition is None:
        raise AthenaError(f"FAILED: SemanticException [Error 10001]: Table not found {schema}.{alter.table}")
    table = GlueTable(definition)
    known = registered(table, store)
    wanted = [(_values(pairs, table), place) for pairs, place in alter.partitions]
    if alter.adds:
        _add(table, wanted, known, store, lenient=alter.lenient)
        return
    for values, _ in wanted:
        if values in known:
            store.drop_partition(table, values)
        elif not alter.lenient:
            raise AthenaError(f"FAILED: SemanticException [Error 10006]: Partition not found {values}")


def _add(
    table: GlueTable, wanted: list[tuple[Values, str]], known: set[Values], store: Store, *, lenient: bool
) -> None:
    for values, _ in wanted:
        if values in known and not lenient:
            raise AthenaError(f"FAILED: AlreadyExistsException: Partition already exists: {values}")
    new = [(values, place or hive_place(table, values)) for values, place in wanted if values not in known]
    if new:
        store.add_partitions(table, new)


def _values(pairs: dict[str, str], table: GlueTable) -> Values:
    keys = [key["Name"].lower() for key in table.partition_keys]
    if sorted(keys) != sorted(pairs):
        raise AthenaError(
            f"FAILED: SemanticException partition spec {pairs} is not one of the partition columns {keys}"
        )
    return tuple(pairs[key] for key in keys)
