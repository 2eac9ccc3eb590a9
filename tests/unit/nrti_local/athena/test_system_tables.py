"""What Athena makes of the catalog: information_schema, partitions, hidden columns, SHOW CREATE TABLE."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from nrti_local.athena.catalog.statements import TextResult, answer
from nrti_local.athena.engine import Engine, QueryResult
from nrti_local.athena.errors import AthenaError
from nrti_local.athena.executions.results import csv_row, page
from tests.unit.nrti_local.athena.memory_store import BUCKET, DAYS, MemoryStore, glue_table, key, predictions

_ABSENT = "is not in the embedded AWS; it works on Athena"
_SELECT = b64encode(b'{"originalSql": "SELECT 1 x", "columns": [{"name": "x", "type": "integer"}]}').decode()
VIEW = {
    "Name": "recent",
    "TableType": "VIRTUAL_VIEW",
    "ViewOriginalText": f"/* Presto View: {_SELECT} */",
    "Parameters": {"presto_view": "true", "comment": "Presto View"},
    "StorageDescriptor": {"Columns": [{"Name": "x", "Type": "int"}]},
}
STORE = MemoryStore(glue_table(), VIEW, contents={key(day): predictions(day) for day in DAYS})


def rows(sql: str, scratch: Path) -> list[list[str | None]]:
    engine = Engine(sql, "nrti", STORE, scratch)
    try:
        result = engine.perform()
    finally:
        engine.close()
    assert isinstance(result, QueryResult)
    return page(result.rows.read_bytes(), csv_row, 0, 1000)[0]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "select table_name, table_type from AwsDataCatalog.information_schema.tables order by 1",
            [["predictions", "BASE TABLE"], ["recent", "VIEW"]],
        ),
        (
            "select table_schema, table_name, view_definition from information_schema.views",
            [["nrti", "recent", "SELECT 1 x"]],
        ),
        (
            "select schema_name from information_schema.schemata order by 1",
            [["information_schema"], ["nrti"]],
        ),
        (
            "select column_name, data_type from information_schema.columns where ordinal_position = 7",
            [["data", "array(double)"]],
        ),
        ('select day from "predictions$partitions" order by 1', [[str(day)] for day in DAYS]),
        (
            'select distinct "$path", "$file_size" > 0 from predictions where day = date \'2026-11-21\'',
            [[f"s3://{BUCKET}/{key(DAYS[1])}", "true"]],
        ),
        ('select count(*) from (select "$path" p from predictions) where p is null', [["0"]]),
    ],
)
def test_tables_of_the_catalog(tmp_path: Path, sql: str, expected: list[list[str]]) -> None:
    assert rows(sql, tmp_path) == expected


def test_a_star_leaves_hidden_columns_out(tmp_path: Path) -> None:
    (first,) = rows('select *, "$path" from predictions limit 1', tmp_path)

    assert str(first[-1]).startswith("s3://")
    assert len(first) == 11


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "select 1 from information_schema.nope",
            "TABLE_NOT_FOUND: Table 'awsdatacatalog.information_schema.nope' does not exist",
        ),
        (
            "select 1 from information_schema.roles",
            f"NOT_SUPPORTED: awsdatacatalog.information_schema.roles {_ABSENT}",
        ),
        (
            "select 1 from other.nrti.predictions",
            "CATALOG_NOT_FOUND: line 1:26: Catalog 'other' does not exist",
        ),
        (
            "select 1 from predictions for timestamp as of timestamp '2024-01-01 00:00:00'",
            "NOT_SUPPORTED: line 1:15: This connector does not support versioned tables",
        ),
        (
            'select "$file_modified_time" from predictions',
            f'NOT_SUPPORTED: "$file_modified_time" {_ABSENT}',
        ),
    ],
)
def test_what_is_not_there_is_an_error(tmp_path: Path, sql: str, message: str) -> None:
    with pytest.raises(AthenaError) as failed:
        rows(sql, tmp_path)

    assert str(failed.value) == message


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("show databases like 'n.*'", [["nrti"]]),
        ("SHOW SCHEMAS LIKE 'x'", []),
        ("show tables in nrti 'pred*|nothing'", [["predictions"]]),
        ("show tables '['", []),
        ("show views", [["recent"]]),
        ("show views like 'pred*'", []),
        ("/* a comment */ show partitions predictions -- which are projected", []),
        ("show tblproperties recent", [["comment", "Presto View"], ["presto_view", "true"]]),
        ("show columns in recent", [["x"]]),
        ("describe recent", [["x", "int", ""]]),
        ("show create view recent", [["CREATE VIEW nrti.recent AS"], ["SELECT 1 x"]]),
    ],
)
def test_statements_about_the_catalog(sql: str, expected: list[list[str]]) -> None:
    shown = answer(sql, "nrti", STORE)

    assert shown is not None
    assert shown.rows == expected


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("show databases like '['", "SYNTAX_ERROR: '[' is no regular expression"),
        ("show partitions recent", "Table recent is not a partitioned table"),
        ("show create table recent", "INVALID_TABLE: Relation is a view"),
        ("show create view predictions", "INVALID_VIEW: Relation is a table"),
        ("show columns in nothing", "TABLE_NOT_FOUND: Table 'awsdatacatalog.nrti.nothing' does not exist"),
        ("describe formatted predictions", "NOT_SUPPORTED: DESCRIBE FORMATTED, as it is written here"),
        ("describe predictions sensor", "NOT_SUPPORTED: DESCRIBE PREDICTIONS, as it is written here"),
        (
            "show functions",
            "NOT_SUPPORTED: SHOW FUNCTIONS, as it is written here, is not in the",
        ),
        ("show tblproperties recent ('comment')", "NOT_SUPPORTED: SHOW TBLPROPERTIES"),
    ],
)
def test_other_statements_about_it_are_refused(sql: str, message: str) -> None:
    with pytest.raises(AthenaError) as failed:
        answer(sql, "nrti", STORE)

    assert message in str(failed.value)


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        ("", "Query Plan"),
        ("(format text)", "Query Plan"),
        ("\n( TYPE logical, format text )", "Query Plan"),
        ("(type validate)", "Valid"),
    ],
)
def test_a_query_is_explained(tmp_path: Path, options: str, columns: str) -> None:
    engine = Engine(f"explain {options} select 1", "nrti", STORE, tmp_path)
    shown = engine.perform()
    engine.close()

    assert isinstance(shown, TextResult)
    assert shown.columns == [columns]
    assert (shown.rows == [["true"]]) == (columns == "Valid")


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("explain analyze select 1", "NOT_SUPPORTED: EXPLAIN ANALYZE is not in the embedded AWS; it works"),
        ("explain (format json) select 1", "NOT_SUPPORTED: EXPLAIN (FORMAT JSON) is not in the embedded AWS"),
        ("explain (type io, format json) select 1", "NOT_SUPPORTED: EXPLAIN (TYPE IO) is not in the"),
        ("explain (type nothing) select 1", "mismatched input 'type nothing'"),
        ("explain (type validate) select nothing from predictions", "COLUMN_NOT_FOUND: line 1:32"),
    ],
)
def test_what_is_not_explained(tmp_path: Path, sql: str, message: str) -> None:
    engine = Engine(sql, "nrti", STORE, tmp_path)
    with pytest.raises(AthenaError) as failed:
        engine.perform()
    engine.close()

    assert message in str(failed.value)


def test_a_table_is_shown_as_the_statement_that_makes_it() -> None:
    shown = answer("SHOW CREATE TABLE `predictions`;", "nrti", STORE)

    assert shown is not None
    assert shown.columns == ["createtab_stmt"]
    text = "\n".join(row[0] for row in shown.rows)
    assert text.startswith("CREATE EXTERNAL TABLE `predictions`(\n  `event_id` string, \n")
    assert "PARTITIONED BY ( \n  `day` date)" in text
    assert f"LOCATION\n  's3://{BUCKET}/predictions" in text


def test_describe_has_the_partitions_at_its_end() -> None:
    described = answer("describe predictions", "nrti", STORE)

    assert described is not None
    assert described.rows[-4:] == [
        ["# Partition Information", "", ""],
        ["# col_name", "data_type", "comment"],
        ["", "", ""],
        ["day", "date", ""],
    ]
