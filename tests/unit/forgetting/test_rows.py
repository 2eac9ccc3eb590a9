"""The rows of a sensor in Parquet files, as Firehose and as the embedded AWS write them."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from nrti_cli.forgetting.records import Scope
from nrti_cli.forgetting.rows import Wanted, found, without

_PREDICTIONS: dict[str, pa.DataType] = {
    "event_id": pa.string(),
    "sensor": pa.string(),
    "event_time": pa.timestamp("ms"),
    "data": pa.list_(pa.float64()),
    "predicted_time": pa.timestamp("ms"),
}
_LABELS: dict[str, pa.DataType] = {
    "event_id": pa.string(),
    "sensor": pa.string(),
    "start_time": pa.timestamp("ms"),
    "end_time": pa.timestamp("ms"),
    "label": pa.int32(),
    "labelled_time": pa.timestamp("ms"),
}
ALL = Scope("s", at=10_000)


def _at(seconds: int) -> datetime:
    return datetime(1970, 1, 1, 0, 0, seconds)


def _row(number: int, sensor: str, at: int = 1, predicted: int = 2) -> dict[str, Any]:
    return {
        "event_id": f"e{number}",
        "sensor": sensor,
        "event_time": _at(at),
        "data": [1.5, number],
        "predicted_time": _at(predicted),
    }


def _file(rows: list[dict[str, Any]], schema: dict[str, pa.DataType] = _PREDICTIONS, **options: Any) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows, pa.schema(schema)), sink, **options)
    return sink.getvalue()


def _rows(content: bytes | None) -> list[dict[str, Any]]:
    assert content is not None
    return parquet.read_table(io.BytesIO(content)).to_pylist()


@pytest.mark.parametrize("compression", ["snappy", "zstd", "none"])
@pytest.mark.parametrize("int96", [True, False])
def test_a_file_keeps_its_form_and_its_other_rows(compression: str, int96: bool) -> None:
    rows = [_row(number, "s" if number % 3 == 0 else "other") for number in range(10)]
    options: dict[str, Any] = {
        "compression": compression,
        "use_deprecated_int96_timestamps": int96,
        "row_group_size": 4,
    }
    content = _file(rows, **options)

    rest, removed = without(content, Wanted(ALL))

    assert found(io.BytesIO(content), Wanted(ALL)) == ["e0", "e3", "e6", "e9"]
    assert removed == 4
    assert _rows(rest) == [row for row in rows if row["sensor"] != "s"]
    before, after = (parquet.ParquetFile(io.BytesIO(each)).metadata for each in (content, rest or b""))
    for column in range(before.num_columns):
        one, other = (each.row_group(0).column(column) for each in (before, after))
        assert (one.compression, one.physical_type, one.path_in_schema) == (
            other.compression, other.physical_type, other.path_in_schema,
        )  # fmt: skip


def test_a_file_of_one_sensor_leaves_nothing() -> None:
    assert without(_file([_row(1, "s"), _row(2, "s")]), Wanted(ALL)) == (None, 2)


def test_a_file_of_other_sensors_is_not_read() -> None:
    content = _file([_row(1, "a"), _row(2, "sa"), _row(3, "t")])

    assert found(io.BytesIO(content), Wanted(ALL)) == []


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        (Scope("s", at=10_000, before=3_000), ["e2"]),
        (Scope("s", at=4_999), ["e1", "e2"]),  # the first is of a later prediction
        (Scope("s", at=5_000), ["e2"]),
    ],
)
def test_times_decide_which_rows_go(scope: Scope, left: list[str]) -> None:
    content = _file([_row(0, "s", at=1), _row(1, "s", at=2, predicted=5), _row(2, "s", at=3, predicted=6)])

    rest, _ = without(content, Wanted(scope))

    assert [row["event_id"] for row in _rows(rest)] == left


def test_a_time_after_2262_stays_as_it_is() -> None:
    rows = [
        {**_row(number, sensor), "event_time": datetime(9999, 1, 1)} for number, sensor in enumerate("st")
    ]
    content = _file(rows, use_deprecated_int96_timestamps=True)

    rest, removed = without(content, Wanted(ALL))

    assert removed == 1
    written = parquet.ParquetFile(io.BytesIO(rest or b""), coerce_int96_timestamp_unit="ms")
    assert written.read().to_pylist() == rows[1:]


def test_a_label_belongs_to_its_sensor_or_to_the_sensor_of_its_event() -> None:
    def label(event_id: str | None, sensor: str | None, end: int = 1) -> dict[str, Any]:
        times = (_at(0), _at(end)) if sensor else (None, None)
        return {
            "event_id": event_id, "sensor": sensor, "start_time": times[0], "end_time": times[1],
            "label": 1, "labelled_time": _at(9),
        }  # fmt: skip

    mine = [label("e1", None), label(None, "s"), label(None, "s", end=5)]
    others = [label("e2", None), label(None, "t")]
    content = _file([*mine, *others], _LABELS)

    everything, removed = without(content, Wanted(ALL, ["e1"]))
    early, _ = without(content, Wanted(Scope("s", at=10_000, before=3_000), ["e1"]))

    assert found(io.BytesIO(content), Wanted(ALL, ["e1"])) == ["e1", None, None]
    assert (removed, _rows(everything)) == (3, others)
    assert _rows(early) == [mine[2], *others]
