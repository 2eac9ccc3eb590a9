"""Data sets: the demo's rule, and what a file must be like."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nrti_cli.errors import NrtiError
from nrti_cli.models.training.dataset import Dataset, demo, from_table
from nrti_cli.tables.reader import opened
from nrti_cli.tables.schema import Schema

HEADER = "a,b,event\n"
GOOD = "".join(f"{i},{i * 2.5},{i % 2}\n" for i in range(40))


def load(tmp_path: Path, content: str, **options: Any) -> Dataset:
    path = tmp_path / "data.csv"
    path.write_bytes(content.encode())
    return read(path, **options)


def read(path: Path, **options: Any) -> Dataset:
    with opened(str(path)) as table:
        return from_table(table, Schema(**options))


def test_the_demo_follows_its_rule() -> None:
    dataset = demo(50_000, seed=0)

    assert dataset.values.min() == 0
    assert dataset.values.max() == 99
    assert 0.029 < dataset.failures / 50_000 < 0.034
    a, b, c = dataset.values[dataset.labels == 1][0]
    assert b - a > 50
    assert b - c > 50
    assert abs(a - c) < 20


def test_a_seed_makes_the_same_demo_again() -> None:
    assert demo(2_000, seed=4).parquet() == demo(2_000, seed=4).parquet()
    assert demo(2_000, seed=4).parquet() != demo(2_000, seed=5).parquet()


def test_a_demo_too_small_to_hold_a_failure() -> None:
    with pytest.raises(NrtiError, match=r"--rows 20: (all 20|only \d of 20) rows have event"):
        demo(20, seed=0)


def test_the_uploaded_file_ends_with_the_label(tmp_path: Path) -> None:
    dataset = load(tmp_path, HEADER + GOOD, label="event", features=("b", "a"))

    table = pq.read_table(io.BytesIO(dataset.parquet()))

    assert table.column_names == ["b", "a", "event"]
    assert table.column("b").to_pylist()[:3] == [0, 2.5, 5]
    assert table.column("event").to_pylist()[:3] == [0, 1, 0]


def test_the_fields_of_an_event_are_no_features(tmp_path: Path) -> None:
    rows = "".join(f"x{i},2026-01-01 00:00:00,{i},{i},{i % 2}\n" for i in range(40))

    assert load(tmp_path, f"id,timestamp,sensor,v,event\n{rows}").features == ("v",)


def test_id_is_a_feature_if_it_is_said_to_be(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i},{i % 2}\n" for i in range(40))

    assert load(tmp_path, f"id,v,event\n{rows}", features=("id",)).features == ("id",)


@pytest.mark.parametrize(
    ("no", "yes", "reading"),
    [
        ("0", "1", ""),
        ("0.0", "1.0", ""),
        ("false", "true", "true is a failure, false is none"),
        ("FALSE", "TRUE", "true is a failure, false is none"),
        ("0", "true", "true is a failure, 0 is none"),
        ("no", "Yes", "yes is a failure, no is none"),
        ("-1", "1", "1 is a failure, -1 is none"),
        ("1", "2", "2 is a failure, 1 is none"),
    ],
)
def test_labels_may_be_spelled_in_several_ways(tmp_path: Path, no: str, yes: str, reading: str) -> None:
    rows = "".join(f"{i},{i},{yes if i % 2 else no}\n" for i in range(40))

    dataset = load(tmp_path, HEADER + rows)

    assert dataset.labels.tolist() == [0, 1] * 20
    assert dataset.remarks == ((f"label event: {reading}",) if reading else ())


def test_labels_that_come_late_count_for_the_whole_column(tmp_path: Path) -> None:
    rows = "1,2,1\n" * 400_000 + "1,2,-1\n" * 20

    assert load(tmp_path, HEADER + rows).failures == 400_000


@pytest.mark.parametrize(
    ("values", "positive", "remark"),
    [
        (("Normal", "Attack"), ("attack",), "a failure is 'attack', none is 'Normal'"),
        (("0.0", "3.0"), ("3",), "a failure is '3', none is '0.0'"),
        (
            tuple(str(n) for n in range(200)),
            ("1", "7"),
            "a failure is '1', '7', none is '0', '2', '3', '4' and 194 more",
        ),
    ],
)
def test_it_can_be_said_which_labels_are_failures(
    tmp_path: Path, values: Sequence[str], positive: tuple[str, ...], remark: str
) -> None:
    rows = "".join(f"{i},{i},{values[i % len(values)]}\n" for i in range(2000))

    dataset = load(tmp_path, HEADER + rows, positive=positive)

    assert dataset.failures == sum(
        values[i % len(values)].lower().removesuffix(".0") in positive for i in range(2000)
    )
    assert dataset.remarks == (f"label event: {remark}",)


def test_a_label_that_is_not_there_is_no_failure_of_all_rows(tmp_path: Path) -> None:
    with pytest.raises(
        NrtiError, match="line 2, column 'event': 'no' is neither here nor below, only '0', '1'"
    ):
        load(tmp_path, HEADER + GOOD, positive=("no",))


def test_the_uploaded_windows_have_group_time_and_how_they_were_made(tmp_path: Path) -> None:
    rows = "".join(f"{unit};{i};{i};{i / 2};{i % 7 == 0:d}\n" for i in range(60) for unit in "xy")
    schema: dict[str, Any] = {"group": "unit", "time": "at", "window": 2, "hop": 1, "window_label": "last"}

    dataset = load(tmp_path, "unit;at;a;b;event\n" + rows, **schema)

    table = pq.read_table(io.BytesIO(dataset.parquet()))
    assert table.column_names == ["a[0]", "b[0]", "a[1]", "b[1]", "__group", "__time", "event"]
    assert [table.column(name)[59].as_py() for name in table.column_names] == [0, 0, 1, 0.5, "y", 1000, 0]
    assert table.num_rows == len(dataset.labels) == 118
    made = Schema.of(json.loads((table.schema.metadata or {})[b"nrti:inputs"]))
    assert made == Schema(features=("a", "b"), max_gap=3.0, **schema)


@pytest.mark.parametrize("labels", [[False, True] * 20, [0.0, 1.0] * 20, [Decimal(0), Decimal(1)] * 20])
def test_parquet_may_hold_any_numbers(tmp_path: Path, labels: list[Any]) -> None:
    path = tmp_path / "data.bin"
    pq.write_table(
        pa.table({"a": pa.array(range(40), pa.uint8()), "b": [Decimal("1.5")] * 40, "event": labels}), path
    )

    dataset = read(path)

    assert dataset.features == ("a", "b")
    assert dataset.failures == 20


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HEADER, "data.csv has no rows"),
        (
            "a;b;event\n1,5;2;0\n",
            "line 2, column 'a': '1,5' is not a number: write numbers with decimal points",
        ),
        (HEADER + "1,2\n" + GOOD, "line 2: 2 values under 3 columns"),
        ("a,b,c\n" + GOOD, "no column 'event', it has 'a', 'b', 'c': name the label with --label"),
        ("event\n" + "0\n1\n" * 20, "gives sequences of 0 values"),
        ("a,a,event\n" + GOOD, "line 1: two columns are called 'a'"),
        (HEADER + GOOD + "1,x,0\n", "line 42, column 'b': 'x' is not a number"),
        (HEADER + "\n" + GOOD + "1,x,0\n", "line 43, column 'b': 'x' is not a number"),
        (HEADER + GOOD + "1,,0\n", "line 42, column 'b': the value is missing"),
        (HEADER + GOOD + "1,NaN,0\n", "line 42, column 'b': the value is missing"),
        (HEADER + GOOD + "1,-inf,0\n", "line 42, column 'b': '-inf' is not a finite number"),
        (HEADER + GOOD + "1,2e38,0\n", "line 42, column 'b': '2e38' is beyond 1e+38"),
        (HEADER + GOOD + "1,2,2\n", "line 42, column 'event': '2' is not a label next to '0', '1'"),
        (HEADER + GOOD + "1,2,maybe\n", "line 42, column 'event': 'maybe' is not a label next to '0', '1'"),
        (HEADER + GOOD + "1,2,\n", "line 42, column 'event': the value is missing"),
        ("a,event\n" + "".join(f"1,{n}\n" for n in range(5_000)), "column 'event': '2' is not a label"),
        (HEADER + "1,2,0\n" * 40, "all 40 rows have event 0"),
        (HEADER + "1,2,1\n" * 40, "all 40 rows have event 1"),
        (HEADER + "1,2,0\n" * 40 + "1,2,1\n" * 9, "only 9 of 49 rows have event 1"),
        ("a,b,event\n" + f"2026-01-01,1,{1}\n" * 40, "column 'a': '2026-01-01' is not a number"),
        (
            '{"data": [1, 2], "event": 0}\n{"data": [1], "event": 1}\n',
            "column 'data': a list of 1, but of 2 in the rows",
        ),
        ('{"a": true, "event": 0}\n', "column 'a': it has bool, not numbers"),
        ('{"a": {"b": 1}, "event": 0}\n', "column 'a': it has objects, not numbers"),
        ('{"a": [{"b": 1}], "event": 0}\n', "column 'a': its lists have objects, not numbers"),
        (
            '{"a": [[1, 2], [3, 4]], "event": 0}\n',
            "its lists have lists, not numbers: write one",
        ),
        ('{"a": 1, "event": 0}\n{"a": "x", "event": 0}\n', "line 2, column 'a': 'x' is not a number"),
        ('{"a": 1, "event": 0}\n{"event": 0}\n', "line 2, column 'a': the value is missing"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(NrtiError) as caught:
        load(tmp_path, content)

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": "z"}, "no column 'z', it has .*: name the label with --label"),
        ({"features": ("a", "q")}, "no column 'q', it has .*: name columns of the file"),
        ({"group": "q"}, "no column 'q', it has .*: name columns of the file"),
        ({"features": ("a", "a")}, "the column 'a' twice"),
        ({"features": ("a", "event")}, "'event' is the label and cannot be a feature as well"),
    ],
)
def test_options_that_do_not_fit_the_file(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(NrtiError, match=message):
        load(tmp_path, HEADER + GOOD, **options)


def test_too_many_columns_for_an_event(tmp_path: Path) -> None:
    names = [f"v{i}" for i in range(2049)]

    with pytest.raises(NrtiError, match="gives sequences of 2049 values: a sequence has 1 to 2,048"):
        load(tmp_path, ",".join([*names, "event"]) + "\n" + ",".join(["1"] * 2050) + "\n")


def test_a_column_may_turn_from_whole_numbers_to_fractions_late(tmp_path: Path) -> None:
    rows = "1,1,0\n1,1,1\n" * 200_000 + "0.5,1,1\n"

    assert load(tmp_path, HEADER + rows).values[-1].tolist() == [0.5, 1]


def test_values_keep_their_precision() -> None:
    values = np.random.default_rng(0).normal(size=(40, 2))
    dataset = Dataset("", ("a", "b"), values, np.array([0, 1] * 20, dtype=np.int8))

    table = pq.read_table(io.BytesIO(dataset.parquet()))

    assert np.array_equal(table.column("a").to_numpy(), values[:, 0])
