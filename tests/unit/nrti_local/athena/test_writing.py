"""CREATE TABLE AS and UNLOAD: what is read of them, and what is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyarrow import parquet

from nrti_local.athena import writing
from nrti_local.athena.engine import Engine
from nrti_local.athena.errors import AthenaError, MalformedQueryError
from nrti_local.athena.executions import outputs
from nrti_local.athena.executions.outputs import Written
from nrti_local.athena.trino.signatures import parse_type
from tests.unit.nrti_local.athena.memory_store import BUCKET, DAYS, MemoryStore, key, predictions

WRANGLER = """CREATE TABLE "nrti"."temp_table_1"
WITH(
    write_compression = 'SNAPPY',
    format = 'PARQUET')
AS select sensor, count(*) c from predictions group by sensor"""
UNLOAD = f"UNLOAD (select 1 as x, 'a' as y) TO 's3://{BUCKET}/out' WITH (  format='PARQUET')"

Perform = Callable[[str], Written]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(contents={key(day): predictions(day) for day in DAYS})


@pytest.fixture
def perform(tmp_path: Path, store: MemoryStore) -> Iterator[Perform]:
    engines: list[Engine] = []

    def run(sql: str) -> Written:
        scratch = tmp_path / str(len(engines))
        scratch.mkdir()
        engines.append(Engine(sql, "nrti", store, scratch))
        written = engines[-1].perform()
        assert isinstance(written, Written)
        return written

    yield run
    for engine in engines:
        engine.close()


def test_the_clauses_around_the_query_are_read() -> None:
    found = writing.parse(WRANGLER)

    assert found is not None
    assert (found.database, found.table, found.format) == ("nrti", "temp_table_1", "PARQUET")
    assert found.options() == "FORMAT parquet, COMPRESSION snappy"
    assert found.query.strip() == "select sensor, count(*) c from predictions group by sensor"
    assert len(found.query) == len(WRANGLER)
    without = writing.parse("create table if not exists a as (select 1 as b) with no data")
    assert without is not None
    assert (without.optional, without.empty, without.query.strip()) == (True, True, "(select 1 as b)")


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "create external table a (b int) location 's3://x/'",
        "create table a (b int)",
        "drop table a",
    ],
)
def test_other_statements_write_nothing(sql: str) -> None:
    assert writing.parse(sql) is None


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("unload (select 1", "line 1:17: mismatched input '<EOF>'"),
        ("unload select 1", "line 1:8: mismatched input 'select'"),
        ("create table a with (colour='x') as select 1 b", "line 1:22: mismatched input 'colour'"),
        ("create table a as", "line 1:18: mismatched input '<EOF>'"),
    ],
)
def test_what_is_malformed_has_its_position(sql: str, message: str) -> None:
    with pytest.raises(MalformedQueryError) as refused:
        writing.parse(sql)
    assert str(refused.value) == message


def test_a_table_is_made_of_the_result(perform: Perform, store: MemoryStore) -> None:
    written = perform(WRANGLER)
    outputs.put(written, f"s3://{BUCKET}/tables/1/", f"s3://{BUCKET}/tables/1-manifest.csv", store)
    outputs.make_table(written, "nrti", f"s3://{BUCKET}/tables/1/", store)

    assert (written.rows, len(written.files)) == (3, 1)
    rows = parquet.read_table(written.files[0]).to_pylist()
    assert sorted((row["sensor"], row["c"]) for row in rows) == [
        ("sensor-0", 12),
        ("sensor-1", 9),
        ("sensor-2", 9),
    ]
    manifest = store.contents["tables/1-manifest.csv"].decode().split()
    assert [uri.removeprefix(f"s3://{BUCKET}/") in store.contents for uri in manifest] == [True]
    made = store.table("nrti", "temp_table_1")
    assert made is not None
    assert made["StorageDescriptor"]["Columns"] == [
        {"Name": "sensor", "Type": "string"},
        {"Name": "c", "Type": "bigint"},
    ]


def test_files_are_partitioned(perform: Perform) -> None:
    written = perform(
        "create table a with (partitioned_by=array['prediction']) as "
        "select sensor, prediction from predictions"
    )

    folders = {path.parent.relative_to(written.root).as_posix() for path in written.files}
    assert folders == {"prediction=0", "prediction=1"}
    assert outputs.table_input(written.statement, written.columns, "s3://x/")["PartitionKeys"] == [
        {"Name": "prediction", "Type": "int"}
    ]


def test_unload_writes_files_and_no_table(perform: Perform) -> None:
    written = perform(UNLOAD)

    assert written.statement.location == f"s3://{BUCKET}/out"
    assert parquet.read_table(written.files[0]).to_pylist() == [{"x": 1, "y": "a"}]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("create table a as select 1", "MISSING_COLUMN_NAME: Column name not specified at position 1"),
        (
            "create table a as select 1 x, 2 x",
            "DUPLICATE_COLUMN_NAME: Column name 'x' specified more than once",
        ),
        ("create table a as select null x", "COLUMN_TYPE_UNKNOWN: Column type is unknown: x"),
        (
            "create table a as select now() x",
            "NOT_SUPPORTED: Unsupported Hive type: timestamp(3) with time zone",
        ),
        ("create table a with (format='ORC') as select 1 x", "NOT_SUPPORTED: Writing in the format ORC"),
        ("create table a as select nope x", "COLUMN_NOT_FOUND: line 1:26: Column 'nope' cannot be resolved"),
    ],
)
def test_what_a_table_cannot_have_is_refused(perform: Perform, sql: str, message: str) -> None:
    with pytest.raises(AthenaError) as refused:
        perform(sql)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("sql", "enforced", "message"),
    [
        ("create table predictions as select 1 x", False, "TABLE_ALREADY_EXISTS"),
        ("create table elsewhere.a as select 1 x", False, "SCHEMA_NOT_FOUND"),
        (
            f"create table a with (external_location='s3://{BUCKET}/new/') as select 1 x",
            True,
            "centralized output",
        ),
        (
            f"unload (select 1 x) to 's3://{BUCKET}/predictions/' with (format='PARQUET')",
            True,
            "HIVE_PATH_ALREADY",
        ),
    ],
)
def test_the_result_needs_a_place(store: MemoryStore, sql: str, enforced: bool, message: str) -> None:
    statement = writing.parse(sql)
    assert statement is not None
    with pytest.raises(AthenaError, match=message):
        outputs.check_target(statement, "nrti", f"s3://{BUCKET}/results", store, enforced=enforced)


@pytest.mark.parametrize(
    ("trino", "hive"),
    [
        ("varchar", "string"),
        ("varchar(3)", "varchar(3)"),
        ("decimal(10,2)", "decimal(10,2)"),
        ("map(varchar, array(integer))", "map<string,array<int>>"),
        ("timestamp(3)", "timestamp"),
        ("real", "float"),
    ],
)
def test_hives_names_of_types(trino: str, hive: str) -> None:
    assert writing.hive_type(parse_type(trino)) == hive
