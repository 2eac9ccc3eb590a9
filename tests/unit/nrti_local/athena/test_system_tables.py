"""What Athena makes of the catalogue: information_schema, partitions, hidden columns, SHOW CREATE TABLE."""

from __future__ import annotations

from pathlib import Path

import pytest

from nrti_local.athena.engine import Engine, QueryResult
from nrti_local.athena.errors import AthenaError
from nrti_local.athena.results import csv_row, page
from nrti_local.athena.statements import answer
from tests.unit.nrti_local.athena.memory_store import BUCKET, DAYS, MemoryStore, key, predictions

STORE = MemoryStore(contents={key(day): predictions(day) for day in DAYS})


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
        ("select table_name, table_type from information_schema.tables", [["predictions", "BASE TABLE"]]),
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
def test_tables_of_the_catalogue(tmp_path: Path, sql: str, expected: list[list[str]]) -> None:
    assert rows(sql, tmp_path) == expected


def test_a_star_leaves_hidden_columns_out(tmp_path: Path) -> None:
    (first,) = rows('select *, "$path" from predictions limit 1', tmp_path)

    assert str(first[-1]).startswith("s3://")
    assert len(first) == 11


def test_what_information_schema_lacks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AthenaError, match=r"TABLE_NOT_FOUND: Table 'awsdatacatalog.information_schema.nope'"):
        rows("select 1 from information_schema.nope", tmp_path)


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
