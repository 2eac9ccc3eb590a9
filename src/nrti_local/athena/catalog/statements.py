"""SHOW, DESCRIBE and MSCK: Athena's statements about the catalog."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from nrti_local.athena.catalog import definitions
from nrti_local.athena.catalog.objects import registered, unregistered
from nrti_local.athena.catalog.tables import GlueTable, Store
from nrti_local.athena.catalog.views import is_view, select_of
from nrti_local.athena.comments import without
from nrti_local.athena.errors import AthenaError


@dataclass(frozen=True)
class TextResult:
    """The result of such a statement: the column names, and rows of text."""

    columns: list[str]
    rows: list[list[str]]


def answer(sql: str, database: str, store: Store) -> TextResult | None:
    """Runs a statement about the catalog; returns None for any other statement.

    Raises:
        AthenaError: the table or database does not exist, or Athena has more of these statements.
    """
    text = " ".join(without(sql).rstrip().rstrip(";").replace("`", "").replace('"', "").split())
    for pattern, respond in _STATEMENTS:
        match = pattern.fullmatch(text)
        if match:
            return respond(match.groupdict(), database.lower(), store)
    if _UNKNOWN.match(text):
        what = " ".join(text.split()[:2]).upper()
        raise AthenaError(f"NOT_SUPPORTED: {what}, as it is written here, is not in the embedded AWS")
    return None


Names = dict[str, str | None]


def _table(names: Names, database: str, store: Store) -> GlueTable:
    schema, _, table = str(names["table"]).lower().rpartition(".")
    schema = (names.get("database") or schema or database).lower()
    definition = store.table(schema, table)
    if not definition:
        raise AthenaError(f"TABLE_NOT_FOUND: Table 'awsdatacatalog.{schema}.{table}' does not exist")
    return GlueTable(definition)


def _show_databases(names: Names, _database: str, store: Store) -> TextResult:
    """The names that match a regular expression."""
    try:
        wanted = re.compile(names.get("like") or ".*", re.IGNORECASE)
    except re.error as error:
        raise AthenaError(f"SYNTAX_ERROR: {names['like']!r} is no regular expression: {error}") from error
    return TextResult(["database_name"], [[name] for name in store.databases() if wanted.fullmatch(name)])


def _show_tables(names: Names, database: str, store: Store) -> TextResult:
    schema = (names.get("database") or database).lower()
    if not store.has_database(schema):
        raise AthenaError(f"SCHEMA_NOT_FOUND: Schema '{schema}' does not exist")
    wanted = _wildcards(names.get("like") or "*")
    return TextResult(["tab_name"], [[name] for name in store.tables(schema) if wanted.fullmatch(name)])


def _wildcards(text: str) -> re.Pattern[str]:
    """A pattern in which only * and | have a meaning."""
    choices = ("".join(".*" if c == "*" else re.escape(c) for c in each) for each in text.split("|"))
    return re.compile("|".join(choices), re.IGNORECASE)


def _show_views(names: Names, database: str, store: Store) -> TextResult:
    schema = names.get("database") or database
    found = _show_tables(names, database, store).rows
    return TextResult(["views"], [row for row in found if is_view(store.table(schema.lower(), row[0]) or {})])


def _show_columns(names: Names, database: str, store: Store) -> TextResult:
    table = _table(names, database, store)
    return TextResult(["field"], [[column["Name"]] for column in [*table.columns, *table.partition_keys]])


def _show_partitions(names: Names, database: str, store: Store) -> TextResult:
    table = _table(names, database, store)
    keys = [key["Name"] for key in table.partition_keys]
    if not keys:
        name = table.definition["Name"]
        raise AthenaError(f"{_TASK} Table {name} is not a partitioned table")
    rows = [
        ["/".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))]
        for values in sorted(registered(table, store))
    ]
    return TextResult(["partition"], rows)


def _show_properties(names: Names, database: str, store: Store) -> TextResult:
    parameters = _table(names, database, store).parameters
    return TextResult(["prpt_name", "prpt_value"], [list(pair) for pair in sorted(parameters.items())])


def _describe(names: Names, database: str, store: Store) -> TextResult:
    table = _table(names, database, store)
    rows = [_described(column) for column in [*table.columns, *table.partition_keys]]
    if table.partition_keys:
        heading = [["", "", ""], ["# Partition Information", "", ""], ["# col_name", "data_type", "comment"]]
        rows += [*heading, ["", "", ""], *map(_described, table.partition_keys)]
    return TextResult(["col_name", "data_type", "comment"], rows)


def _described(column: dict[str, str]) -> list[str]:
    return [column["Name"], column["Type"], column.get("Comment", "")]


def _show_create_table(names: Names, database: str, store: Store) -> TextResult:
    table = _table(names, database, store)
    if is_view(table.definition):
        raise AthenaError("INVALID_TABLE: Relation is a view, not a table: use SHOW CREATE VIEW")
    return TextResult(["createtab_stmt"], [[line] for line in definitions.create_table(table)])


def _show_create_view(names: Names, database: str, store: Store) -> TextResult:
    table = _table(names, database, store)
    if not is_view(table.definition):
        raise AthenaError("INVALID_VIEW: Relation is a table, not a view: use SHOW CREATE TABLE")
    schema = str(names["table"]).lower().rpartition(".")[0] or database
    name = str(table.definition["Name"])
    lines = definitions.create_view(schema, name, select_of(table.definition, schema))
    return TextResult(["Create View"], [[line] for line in lines])


def _repair(names: Names, database: str, store: Store) -> TextResult:
    """Registers the partitions that the keys of the objects show."""
    table = _table(names, database, store)
    if table.partition_keys and (found := unregistered(table, store)):
        store.add_partitions(table, found)
    return TextResult([], [])


#: How Hive's errors begin.
_TASK = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask."
_UNKNOWN = re.compile(r"(?:show|desc|describe|msck)\b", re.IGNORECASE)
_TABLE = r"(?P<table>[\w.]+)"
_IN = r"(?: (?:in|from) (?P<database>\w+))?"
_STATEMENTS: tuple[tuple[re.Pattern[str], Callable[[Names, str, Store], TextResult]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), respond)
    for pattern, respond in (
        (r"show (?:databases|schemas)(?: like '(?P<like>[^']*)')?", _show_databases),
        (rf"show tables{_IN}(?: (?:like )?'(?P<like>[^']*)')?", _show_tables),
        (rf"show views{_IN}(?: (?:like )?'(?P<like>[^']*)')?", _show_views),
        (rf"show columns (?:in|from) {_TABLE}{_IN}", _show_columns),
        (rf"show partitions {_TABLE}", _show_partitions),
        (rf"desc(?:ribe)? (?!(?:formatted|extended)\b){_TABLE}", _describe),
        (rf"show tblproperties {_TABLE}", _show_properties),
        (rf"show create table {_TABLE}", _show_create_table),
        (rf"show create view {_TABLE}", _show_create_view),
        (rf"msck repair table {_TABLE}", _repair),
    )
)
