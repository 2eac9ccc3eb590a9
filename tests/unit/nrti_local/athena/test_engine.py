# ruff: noqa: S608 (the tests' SQL)
"""Athena's SQL on parquet objects that are only in memory: what it means, what it reads, what it says."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from nrti_local.athena import engine
from nrti_local.athena.engine import Engine
from nrti_local.athena.errors import AthenaError, from_engine_error
from nrti_local.athena.sql import parse
from tests.unit.nrti_local.athena.conftest import FILLED, Run
from tests.unit.nrti_local.athena.memory_store import DAYS, MemoryStore, glue_table, key

TIME = "timestamp '2026-11-22 12:00:01.123'"


@pytest.mark.parametrize(
    ("expression", "text", "kind"),
    [
        ("from_unixtime(1795348801)", "2026-11-22 12:00:01.000 UTC", "timestamp with time zone"),
        (f"date_format({TIME}, '%Y-%m-%d %H:%i')", "2026-11-22 12:00", "varchar"),
        (f"date_trunc('hour', {TIME})", "2026-11-22 12:00:00.000", "timestamp"),
        (f"date_diff('second', {TIME}, {TIME} + interval '1' hour)", "3600", "bigint"),
        (f"date_add('day', 1, {TIME})", "2026-11-23 12:00:01.123", "timestamp"),
        (f"to_iso8601({TIME})", "2026-11-22T12:00:01.123", "varchar"),
        ("to_iso8601(from_unixtime(0))", "1970-01-01T00:00:00.000Z", "varchar"),
        ("to_iso8601(date '2026-11-22')", "2026-11-22", "varchar"),
        (
            "from_iso8601_timestamp('2026-11-22T12:00:01Z')",
            "2026-11-22 12:00:01.000 UTC",
            "timestamp with time zone",
        ),
        (
            "parse_datetime('2026-11-22 13', 'yyyy-MM-dd HH')",
            "2026-11-22 13:00:00.000 UTC",
            "timestamp with time zone",
        ),
        (f"format_datetime({TIME}, 'dd.MM.yyyy HH:mm')", "22.11.2026 12:00", "varchar"),
        ("date_parse('2026-11-22', '%Y-%m-%d')", "2026-11-22 00:00:00.000", "timestamp"),
        (f"to_unixtime({TIME})", "1.795348801123E9", "double"),
        (f"hour({TIME} at time zone 'America/New_York')", "7", "bigint"),
        (f"millisecond({TIME})", "123", "bigint"),
        ("date '2026-11-22'", "2026-11-22", "date"),
        ("element_at(array[1.5, 2.5], 1)", "1.5", "decimal"),
        ("element_at(array[1], 9)", None, "integer"),
        ("cardinality(array[1, 2])", "2", "bigint"),
        ("array[1e0, 2e0]", "[1.0, 2.0]", "array"),
        ("array['a', null]", "[a, null]", "array"),
        ("transform(array[1, 2], x -> x * 2)", "[2, 4]", "array"),
        ("any_match(array[1, 2], x -> x > 1)", "true", "boolean"),
        ("map(array['a'], array[1])", "{a=1}", "map"),
        ("cast(row(1, 'x') as row(a integer, b varchar))", "{a=1, b=x}", "row"),
        ("row(1, 'x')", "{field0=1, field1=x}", "row"),
        ("regexp_like('sensor-1', '^sensor')", "true", "boolean"),
        ('json_extract_scalar(\'{"a": {"b": "x"}}\', \'$.a.b\')', "x", "varchar"),
        ("json_extract('{\"a\": [1]}', '$.a')", "[1]", "json"),
        ("5 / 2", "2", "integer"),
        ("5 / 2e0", "2.5", "double"),
        ("nan()", "NaN", "double"),
        ("-infinity()", "-Infinity", "double"),
        ("cast(1.5 as decimal(10, 2))", "1.50", "decimal"),
        ("try_cast('x' as integer)", None, "integer"),
        ("x'6869'", "68 69", "varbinary"),
        ("'say \"hi\"'", 'say "hi"', "varchar"),
        ("null", None, "unknown"),
    ],
)
def test_an_expression_means_what_it_means_in_athena(
    run: Run, expression: str, text: str | None, kind: str
) -> None:
    ran = run(f"select {expression}")

    assert ran.rows == [[text]]
    assert ran.columns == [("_col0", kind)]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("approx_percentile(probability, 0.5)", "0.45"),
        ("count(*)", "30"),
        ("sum(prediction)", "15"),
        ("approx_distinct(sensor)", "3"),
        ("max_by(sensor, probability)", "sensor-0"),
        ("count_if(prediction = 1)", "15"),
        ("sum(prediction) filter (where day = date '2026-11-21')", "5"),
    ],
)
def test_aggregates(run: Run, expression: str, text: str) -> None:
    assert run(f"select {expression} from predictions").rows == [[text]]


def test_the_rows_are_the_objects_in_the_catalogs_types(run: Run) -> None:
    ran = run("select * from predictions where day = date '2026-11-21' order by event_id limit 1")

    moment = "2026-11-21 12:00:01.123"
    assert ran.rows == [
        [
            "2026-11-21-0",
            "sensor-0",
            "failure-v1",
            moment,
            "0",
            "0.0",
            "[1.0, 2.5, 0.0]",
            moment,
            moment,
            "2026-11-21",
        ]
    ]
    assert [kind for _, kind in ran.columns] == [
        *(
            "varchar",
            "varchar",
            "varchar",
            "timestamp",
            "integer",
            "double",
            "array",
            "timestamp",
            "timestamp",
            "date",
        )
    ]


def test_an_empty_table_has_its_columns(run: Run) -> None:
    ran = run("select * from predictions", MemoryStore())

    assert ran.rows == []
    assert ran.columns[-1] == ("day", "date")


def test_columns_without_a_name_are_counted(run: Run) -> None:
    sql = (
        "select p.*, 1, sensor as s, count(*) over (), x from predictions p "
        "cross join (select max(day) x from predictions)"
    )

    names = [name for name, _ in run(sql).columns]

    assert names[10:] == ["_col10", "s", "_col12", "x"]


def test_a_name_may_come_twice(run: Run) -> None:
    assert run("select 1 as a, 2 as a").columns == [("a", "integer"), ("a", "integer")]


def test_a_column_that_the_objects_lack_is_null(run: Run) -> None:
    table = glue_table()
    table["StorageDescriptor"]["Columns"].append({"Name": "comment", "Type": "string"})

    ran = run(
        "select comment, count(*) from predictions group by comment", MemoryStore(table, contents=FILLED)
    )

    assert ran.rows == [[None, "30"]]


def test_a_column_that_came_later_is_null_before(run: Run) -> None:
    table = glue_table()
    table["StorageDescriptor"]["Columns"].append({"Name": "comment", "Type": "string"})
    file = io.BytesIO()
    parquet.write_table(pa.table({"event_id": ["new"], "comment": ["hello"]}), file)
    store = MemoryStore(table, contents={**FILLED, key(DAYS[2], "b.parquet"): file.getvalue()})

    ran = run("select event_id, comment, sensor from predictions order by comment, event_id limit 2", store)

    assert ran.rows == [["new", "hello", None], ["2026-11-20-0", None, "sensor-0"]]


def test_an_object_that_is_no_parquet_is_named(run: Run) -> None:
    store = MemoryStore(contents={**FILLED, key(DAYS[2], "b.parquet"): b"no parquet at all"})

    with pytest.raises(AthenaError, match=r"^HIVE_BAD_DATA: Not valid Parquet file"):
        run("select * from predictions", store)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select foo from predictions", "COLUMN_NOT_FOUND: line 1:8: Column 'foo' cannot be resolved"),
        (
            "select sensor\nfrom predictions p\nwhere p.foo = 1",
            "COLUMN_NOT_FOUND: line 3:7: Column 'p.foo' cannot be resolved",
        ),
        ("select * from nope", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.nrti.nope' does not exist"),
        ("select * from a.b", "SCHEMA_NOT_FOUND: line 1:15: Schema 'a' does not exist"),
        (
            'select * from "/etc/passwd"',
            "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.nrti./etc/passwd' does not exist",
        ),
        (
            "select sensor, count(*) from predictions",
            (
                "EXPRESSION_NOT_AGGREGATE: line 1:8: 'sensor' must be an aggregate expression "
                "or appear in GROUP BY clause"
            ),
        ),
        (
            "select cast(sensor as integer) from predictions",
            "INVALID_CAST_ARGUMENT: Cannot cast 'sensor-0' to INT",
        ),
        (
            "select upper(prediction) from predictions",
            "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer) for function upper",
        ),
        (
            "select a.day from predictions a, predictions b where day is null",
            "AMBIGUOUS_NAME: line 1:54: Column 'day' is ambiguous",
        ),
        (
            "select sensor > 5 from predictions",
            "TYPE_MISMATCH: line 1:15: Cannot apply operator: varchar < integer",
        ),
    ],
)
def test_errors_are_athenas(run: Run, sql: str, message: str) -> None:
    with pytest.raises(AthenaError) as failed:
        run(sql)

    assert str(failed.value) == message


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("explain\nanalyze select 1", "EXPLAIN ANALYZE"),
        (
            "select approx_percentile(x, x) from (values 0.1, 0.2) t(x)",
            "approx_percentile with a percentage that is not a constant",
        ),
    ],
)
def test_what_only_athena_has_is_refused_as_such(tmp_path: Path, sql: str, what: str) -> None:
    engine = Engine(sql, "nrti", MemoryStore(), tmp_path)

    with pytest.raises(AthenaError, match=f"NOT_SUPPORTED: {what} is not in the embedded AWS"):
        engine.perform()

    engine.close()


def test_a_query_can_be_interrupted(tmp_path: Path) -> None:
    series = "unnest(sequence(1, 10000))"
    many = f"{series} a(x) cross join {series} b(y) cross join {series} c(z)"
    sql = f"select count(*) from {many} where x + y + z = 0"
    engine = Engine(sql, "nrti", MemoryStore(), tmp_path)
    timer = threading.Timer(0.3, engine.interrupt)
    timer.start()

    with pytest.raises(AthenaError, match="cancelled"):
        engine.run(parse(sql))
    timer.join()
    engine.close()


def test_a_result_that_is_too_large_and_a_lack_of_memory_exhaust_resources(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LARGEST_RESULT", 100)

    assert run("select 1").rows == [["1"]]
    with pytest.raises(AthenaError, match=r"^Query exhausted resources at this scale factor$"):
        run("select sensor from predictions")
    lacking = from_engine_error("", parse("select 1"), "Out of Memory Error: could not allocate block")
    assert str(lacking) == "Query exhausted resources at this scale factor"


def test_what_is_nested_too_deep_is_said_in_athenas_words(run: Run) -> None:
    with pytest.raises(AthenaError, match=r"^STATEMENT_TOO_LARGE: statement is too large"):
        run(f"select {'+'.join(['1'] * 1900)}")


def test_each_unnamed_column_has_its_number(run: Run) -> None:
    ran = run(f"select {', '.join(['1'] * 500)}, sensor as s, 2 from predictions limit 1")

    names = [name for name, _ in ran.columns]
    assert names == [*(f"_col{at}" for at in range(500)), "s", "_col501"]
