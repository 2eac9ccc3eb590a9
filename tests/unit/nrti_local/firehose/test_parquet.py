from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet
import pytest

from nrti_local.firehose.parquet import convert, schema

COLUMNS = [
    {"Name": "event_id", "Type": "string"},
    {"Name": "event_time", "Type": "timestamp"},
    {"Name": "prediction", "Type": "int"},
    {"Name": "data", "Type": "array<double>"},
]


def test_json_rows_become_typed_columns() -> None:
    rows = [
        b'{"event_id":"a","event_time":"2026-11-22 13:50:01.123","prediction":1,"data":[1,2.5],"extra":0}\n',
        b'{"event_id":"b","event_time":"2026-11-22 13:50:02.000","prediction":0,"data":[]}',
    ]

    table = pa.parquet.read_table(io.BytesIO(convert(rows, schema(COLUMNS))))

    assert table.schema.names == ["event_id", "event_time", "prediction", "data"]
    assert table["data"].to_pylist() == [[1.0, 2.5], []]
    assert str(table["event_time"].to_pylist()[0]) == "2026-11-22 13:50:01.123000"
    assert table.schema.field("prediction").type == pa.int32()


def test_a_missing_field_is_null() -> None:
    table = pa.parquet.read_table(io.BytesIO(convert([b'{"event_id":"a"}'], schema(COLUMNS))))

    assert table.to_pylist() == [{"event_id": "a", "event_time": None, "prediction": None, "data": None}]


def test_a_row_that_does_not_fit_is_refused() -> None:
    with pytest.raises(pa.ArrowInvalid):
        convert([b'{"prediction":"many"}'], schema(COLUMNS))


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(ValueError, match="map<string,int>"):
        schema([{"Name": "m", "Type": "map<string,int>"}])
