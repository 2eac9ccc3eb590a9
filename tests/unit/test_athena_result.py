"""Athena's CSV as typed batches, and the files that are written from them."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from nrti_cli.athena.replacing import replacing
from nrti_cli.athena.result import Limited, Result, read_csv, read_text
from nrti_cli.athena.structure import structured
from nrti_cli.athena.writers import FileFormat, write
from nrti_cli.aws.athena import Column, Execution
from nrti_cli.errors import NrtiError, UsageError

COLUMNS = [
    Column("n", "bigint"),
    Column("x", "double"),
    Column("t", "varchar"),
    Column("at", "timestamp"),
    Column("day", "date"),
    Column("ok", "boolean"),
    Column("price", "decimal", 10, 2),
    Column("data", "array"),
    Column("zoned", "timestamp with time zone"),
]
HEADER = ",".join(f'"{column.name}"' for column in COLUMNS) + "\n"
ROW = (
    '"1","0.5","say ""hi"",\nyou","2026-11-22 13:50:01.123","2026-11-22","true","1.50","[1.0, 2.5]",'
    '"2026-11-22 13:50:01.123 UTC"\n'
)
NULLS = "," * (len(COLUMNS) - 1) + "\n"
NAN = pytest.approx(float("nan"), nan_ok=True)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ZONED = "timestamp with time zone"
MOMENT = datetime(2026, 11, 22, 13, 50, 1, 123000)


def result(text: str, columns: list[Column]) -> Result:
    execution = Execution("id", "s3://b/r.csv", 0, 0, is_query=True)
    return Result(execution, columns, read_csv(io.BytesIO(text.encode()), columns))


def written(format_: FileFormat, text: str, columns: list[Column] = COLUMNS) -> bytes:
    file = io.BytesIO()
    opened = result(text, columns)
    write(file, format_, opened.batches, opened)
    return file.getvalue()


def one_column(kind: str, *values: str | None) -> tuple[str, list[Column]]:
    lines = ("\n" if value is None else f'"{value}"\n' for value in values)
    return '"c"\n' + "".join(lines), [Column("c", kind)]


def test_every_type_is_read() -> None:
    rows = pa.Table.from_batches(
        structured(result(HEADER + ROW + NULLS, COLUMNS).batches, COLUMNS)
    ).to_pylist()

    assert rows == [
        {
            "n": 1,
            "x": 0.5,
            "t": 'say "hi",\nyou',
            "at": MOMENT,
            "day": date(2026, 11, 22),
            "ok": True,
            "price": Decimal("1.50"),
            "data": [1.0, 2.5],
            "zoned": MOMENT.replace(tzinfo=UTC),
        },
        dict.fromkeys([column.name for column in COLUMNS]),
    ]


@pytest.mark.parametrize(
    ("kind", "texts", "values"),
    [
        ("varchar", ["", None, "null"], ["", None, "null"]),
        (
            "double",
            ["NaN", "-Infinity", "1.0E-5", None],
            [pytest.approx(float("nan"), nan_ok=True), float("-inf"), 1e-5, None],
        ),
        ("array", ["[]", "[1, 2]", None], [[], [1, 2], None]),
        ("array", ["[a, null]", "[1]"], [["a", None], ["1"]]),
        ("array", ["[]", None], [[], None]),
        ("array", ["[true, null]"], [[True, None]]),
        ("array", ["[[1.0], []]"], [[[1.0], []]]),
        ("map", ["{a=1}"], ["{a=1}"]),
        (
            "timestamp with time zone",
            ["2026-11-22 13:00:00.000 Europe/Berlin"],
            [NOON],
        ),
        (
            "timestamp with time zone",
            ["2026-11-22 13:00:00.000 +01:00"],
            [NOON],
        ),
    ],
)
def test_values(kind: str, texts: list[str | None], values: list[Any]) -> None:
    text, columns = one_column(kind, *texts)

    batches = structured(result(text, columns).batches, columns)

    assert [value for batch in batches for value in batch.column(0).to_pylist()] == values


def test_an_array_that_changes_its_mind_is_an_error() -> None:
    columns = [Column("c", "array")]
    batches = [pa.RecordBatch.from_pydict({"c": [text]}) for text in ("[1]", "[a]")]

    with pytest.raises(NrtiError, match=r"column 'c' holds both .*--format csv"):
        list(structured(batches, columns))


def test_a_result_without_rows_has_its_columns() -> None:
    assert written("csv", HEADER).decode() == HEADER
    assert written("json", HEADER) == b""
    schema = parquet.read_table(io.BytesIO(written("parquet", HEADER))).schema
    assert schema.names == [column.name for column in COLUMNS]
    assert schema.field("data").type == pa.list_(pa.float64())


def test_csv_distinguishes_null_from_nothing() -> None:
    assert written("csv", *one_column("varchar", "", None, 'a""b')) == b'"c"\n""\n\n"a""b"\n'


def test_csv_keeps_a_name_that_comes_twice() -> None:
    twice = [Column("a", "integer"), Column("a", "varchar")]

    assert written("csv", '"a","a"\n"1","x"\n', twice) == b'"a","a"\n1,"x"\n'


@pytest.mark.parametrize("format_", ["json", "parquet"])
def test_json_and_parquet_refuse_a_name_that_comes_twice(format_: FileFormat) -> None:
    twice = [Column("a", "integer"), Column("a", "varchar")]

    with pytest.raises(NrtiError, match="two columns are called 'a'"):
        written(format_, '"a","a"\n"1","x"\n', twice)


def test_json_is_an_object_per_line() -> None:
    lines = [json.loads(line) for line in written("json", HEADER + ROW + NULLS).splitlines()]

    assert lines[0] == {
        "n": 1,
        "x": 0.5,
        "t": 'say "hi",\nyou',
        "at": "2026-11-22T13:50:01.123",
        "day": "2026-11-22",
        "ok": True,
        "price": 1.5,
        "data": [1.0, 2.5],
        "zoned": "2026-11-22T13:50:01.123+00:00",
    }
    assert set(lines[1].values()) == {None}


def test_json_has_no_nan() -> None:
    assert written("json", *one_column("double", "NaN", "Infinity")) == b'{"c": null}\n{"c": null}\n'


def test_parquet_is_typed() -> None:
    table = parquet.read_table(io.BytesIO(written("parquet", HEADER + ROW)))

    assert table.column("data").to_pylist() == [[1.0, 2.5]]
    assert table.schema.field("price").type == pa.decimal128(10, 2)
    assert table.schema.field("zoned").type == pa.timestamp("ms", tz="UTC")


def test_a_limit_cuts_and_knows_that_there_is_more() -> None:
    batches = [pa.RecordBatch.from_pydict({"c": [1, 2]}), pa.RecordBatch.from_pydict({"c": [3, 4]})]
    exact, less, all_ = Limited(batches, 4), Limited(batches, 3), Limited(batches, None)

    assert [batch.num_rows for batch in exact] == [2, 2]
    assert [batch.num_rows for batch in less] == [2, 1]
    assert [batch.num_rows for batch in all_] == [2, 2]
    assert (exact.count, exact.more) == (4, False)
    assert (less.count, less.more) == (3, True)


def test_lines_with_tabs_are_read() -> None:
    columns = [Column("col_name", "string"), Column("data_type", "string"), Column("comment", "string")]

    (batch,) = read_text(io.BytesIO(b"sensor \tstring\t \n\n# Partition\n"), columns)

    assert batch.column(0).to_pylist() == ["sensor", "", "# Partition"]
    assert batch.column(1).to_pylist() == ["string", None, None]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("before")

    def fail() -> None:
        with replacing(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [each.name for each in tmp_path.iterdir()] == ["x.csv"]
    assert path.read_text() == "before"
    with replacing(path) as file:
        file.write(b"after")
    assert [each.name for each in tmp_path.iterdir()] == ["x.csv"]
    assert path.read_text() == "after"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to("x.csv")

    with replacing(tmp_path / "link.csv") as file:
        file.write(b"rows")

    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "x.csv").read_bytes() == b"rows"


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NrtiError, match="cannot be written"), replacing(tmp_path / "missing" / "x.csv"):
        pass
    for path, what in {tmp_path: "a directory", tmp_path / "pipe": "a named pipe"}.items():
        with pytest.raises(UsageError, match=f"is {what}, not a file"), replacing(path):
            pass
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]
