"""Tables of CSV and JSON objects."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from nrti_local.athena.engine import Engine
from nrti_local.athena.errors import AthenaError
from nrti_local.athena.executions.results import csv_row, page
from nrti_local.athena.sql import parse
from tests.unit.nrti_local.athena.memory_store import BUCKET, MemoryStore

_LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
_JSON = "org.openx.data.jsonserde.JsonSerDe"
_COLUMNS = {"n": "int", "t": "string", "x": "double"}


def _table(library: str, parameters: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "Name": "texts",
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, kind in _COLUMNS.items()],
            "Location": f"s3://{BUCKET}/texts/",
            "SerdeInfo": {"SerializationLibrary": library, "Parameters": parameters or {}},
        },
        **more,
    }


def _rows(
    table: dict[str, Any],
    contents: dict[str, bytes],
    scratch: Path,
    sql: str = "select * from texts order by n",
) -> list[list[str | None]]:
    store = MemoryStore(table, contents={f"texts/{name}": content for name, content in contents.items()})
    engine = Engine(sql, "nrti", store, scratch)
    try:
        return page(engine.run(parse(sql)).rows.read_bytes(), csv_row, 0, 1000)[0]
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("library", "parameters", "content"),
    [
        (_LAZY, {"field.delim": ","}, b"1,a b,0.5\n2,\\N,\n"),
        (_LAZY, {}, b"1\x01a b\x010.5\n2\x01\\N\x01\n"),
        (_LAZY, {"field.delim": "\t", "serialization.null.format": "-"}, b"1\ta b\t0.5\n2\t-\t-\n"),
    ],
)
def test_delimited_text_has_hives_delimiters_and_nulls(
    library: str, parameters: dict[str, str], content: bytes, tmp_path: Path
) -> None:
    assert _rows(_table(library, parameters), {"a.csv": content}, tmp_path) == [
        ["1", "a b", "0.5"],
        ["2", None, None],
    ]


def test_quoted_csv_is_unquoted_and_a_header_skipped(tmp_path: Path) -> None:
    table = _table(
        _OPEN_CSV,
        {"separatorChar": ";", "quoteChar": "'"},
        Parameters={"skip.header.line.count": "1", "classification": "csv"},
    )

    assert _rows(table, {"a": b"n;t;x\n1;'a;b';2.5\n"}, tmp_path) == [["1", "a;b", "2.5"]]


def test_a_value_that_a_column_cannot_hold_is_null(tmp_path: Path) -> None:
    assert _rows(_table(_LAZY, {"field.delim": ","}), {"a": b"one,t,1\n2,u\n"}, tmp_path) == [
        ["2", "u", None],
        [None, "t", "1.0"],
    ]


def test_json_members_are_assigned_by_name(tmp_path: Path) -> None:
    lines = b'{"t": "a", "n": 1, "other": [1]}\n{"n": 2, "x": 0.5}\n'

    assert _rows(_table(_JSON), {"a.json": lines}, tmp_path) == [["1", "a", None], ["2", None, "0.5"]]


def test_compressed_text_is_read(tmp_path: Path) -> None:
    objects = {"a.csv.gz": gzip.compress(b"1,a,0.5\n"), "b.csv": b"2,b,1\n"}

    assert _rows(_table(_LAZY, {"field.delim": ","}), objects, tmp_path) == [
        ["1", "a", "0.5"],
        ["2", "b", "1.0"],
    ]


def test_partition_keys_come_from_the_path(tmp_path: Path) -> None:
    table = _table(_LAZY, {"field.delim": ","}, PartitionKeys=[{"Name": "day", "Type": "date"}])
    table["Parameters"] = {
        "projection.enabled": "true",
        "projection.day.type": "date",
        "projection.day.format": "yyyy-MM-dd",
        "projection.day.range": "2026-01-01,2029-12-31",
    }
    objects = {"day=2026-11-27/a": b"1,a,1\n", "day=2026-11-28/a": b"2,b,2\n"}
    sql = "select day, t from texts where day > date '2026-11-27'"

    assert _rows(table, objects, tmp_path, sql) == [["2026-11-28", "b"]]


def test_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    assert _rows(_table(_JSON), {}, tmp_path) == []


def test_other_formats_are_refused(tmp_path: Path) -> None:
    table = _table("org.apache.hadoop.hive.serde2.avro.AvroSerDe")

    with pytest.raises(AthenaError, match="NOT_SUPPORTED: Tables in the format avro are not supported"):
        _rows(table, {"a.avro": b"Obj"}, tmp_path)
