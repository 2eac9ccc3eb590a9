"""CREATE EXTERNAL TABLE and DROP TABLE, as Athena writes them into the Glue catalog."""

from __future__ import annotations

from typing import Any

import pytest

from nrti_local.athena.catalog import ddl
from nrti_local.athena.errors import AthenaError, MalformedQueryError
from nrti_local.athena.statement_types import statement_type
from tests.unit.nrti_local.athena.memory_store import MemoryStore


def _created(sql: str) -> dict[str, Any]:
    store = MemoryStore({"Name": "other"})
    ddl.run(sql, "nrti", store)
    created = store.table("nrti", "copies")
    assert created
    return created


def test_columns_have_hives_types_and_their_comments() -> None:
    table = _created(
        "CREATE EXTERNAL TABLE IF NOT EXISTS nrti.Copies (`Sensor` string COMMENT 'its name', "
        "d decimal(10, 2), a array<struct<x:int, y:string>>, m map<string,double>) COMMENT 'of readings' "
        "PARTITIONED BY (day date, hour int) STORED AS PARQUET LOCATION 's3://lake/copies/' "
        "TBLPROPERTIES ('projection.enabled' = 'true')"
    )

    assert table["StorageDescriptor"]["Columns"] == [
        {"Name": "sensor", "Type": "string", "Comment": "its name"},
        {"Name": "d", "Type": "decimal(10,2)"},
        {"Name": "a", "Type": "array<struct<x:int,y:string>>"},
        {"Name": "m", "Type": "map<string,double>"},
    ]
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "date"}, {"Name": "hour", "Type": "int"}]
    assert table["StorageDescriptor"]["Location"] == "s3://lake/copies"
    assert "ParquetHiveSerDe" in table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]
    assert table["Parameters"]["projection.enabled"] == "true"
    assert table["Parameters"]["comment"] == "of readings"


def test_delimiters_and_serde_properties_become_parameters() -> None:
    delimited = _created(
        "create external table copies (a int) row format delimited fields terminated by ';' "
        "null defined as '-' location 's3://lake/a'"
    )["StorageDescriptor"]["SerdeInfo"]
    quoted = _created(
        "create external table copies (a int) row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde' "
        "with serdeproperties ('separatorChar' = '|') location 's3://lake/a'"
    )["StorageDescriptor"]["SerdeInfo"]

    assert "LazySimpleSerDe" in delimited["SerializationLibrary"]
    assert delimited["Parameters"] == {
        "serialization.format": ";",
        "field.delim": ";",
        "serialization.null.format": "-",
    }
    assert quoted["SerializationLibrary"] == "org.apache.hadoop.hive.serde2.OpenCSVSerde"
    assert quoted["Parameters"]["separatorChar"] == "|"


def test_buckets_and_classes_are_kept() -> None:
    storage = _created(
        "create external table copies (a int, b int) clustered by (b) into 4 buckets "
        "stored as inputformat 'in.Format' outputformat 'out.Format' location 's3://lake/a'"
    )["StorageDescriptor"]

    assert (storage["BucketColumns"], storage["NumberOfBuckets"]) == (["b"], 4)
    assert (storage["InputFormat"], storage["OutputFormat"]) == ("in.Format", "out.Format")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("drop table missing", "Table 'nrti.missing' does not exist"),
        ("create external table predictions (a int) location 's3://lake/a'", "'nrti.predictions' already"),
        ("create external table x.copies (a int) location 's3://lake/a'", "Schema 'x' does not exist"),
        (
            "create table copies (a int) location 's3://lake/a' tblproperties ('table_type' = 'ICEBERG')",
            "NOT_SUPPORTED: Iceberg",
        ),
        (
            "create external table copies (a int) stored as rcfile location 's3://lake/a'",
            "NOT_SUPPORTED: STORED AS rcfile",
        ),
    ],
)
def test_what_the_catalog_does_not_allow_fails(sql: str, reason: str) -> None:
    with pytest.raises(AthenaError, match=reason):
        ddl.run(sql, "nrti", MemoryStore())


def test_a_condition_on_existence_prevents_the_failure() -> None:
    store = MemoryStore()
    ddl.run("drop table if exists missing;", "nrti", store)
    ddl.run("create external table if not exists predictions (a int)", "nrti", store)

    assert store.table("nrti", "predictions") != {"Name": "predictions"}
    ddl.run("drop table `predictions`", "nrti", store)
    assert store.table("nrti", "predictions") is None


def test_only_external_tables_are_created() -> None:
    with pytest.raises(MalformedQueryError, match="External keyword required for table type HIVE"):
        statement_type("create table copies (a int) location 's3://lake/a'")


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("select 1", "DML"),
        ("with a as (select 1) select * from a", "DML"),
        ("select no_such_function(1)", "DML"),
        ("SHOW tables", "UTILITY"),
        ("explain select 1", "UTILITY"),
        ("drop table a", "DDL"),
        ("create external table a (b int) location 's3://lake/a'", "DDL"),
    ],
)
def test_statements_have_athenas_types(sql: str, kind: str) -> None:
    assert statement_type(sql) == kind


@pytest.mark.parametrize("sql", ["create database a", "drop view a", "create"])
def test_other_definitions_are_refused(sql: str) -> None:
    with pytest.raises(MalformedQueryError, match="is not in the embedded AWS"):
        statement_type(sql)
