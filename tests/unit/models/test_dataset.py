"""Data sets: the demo's rule, and what a file must be like."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nrti_cli.errors import NrtiError
from nrti_cli.models import datafile
from nrti_cli.models.dataset import Dataset, demo, from_table

HEADER = "a,b,event\n"
GOOD = "".join(f"{i},{i * 2.5},{i % 2}\n" for i in range(40))


def load(tmp_path: Path, content: str | bytes, **options: Any) -> Dataset:
    path = tmp_path / "data.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return from_table(datafile.read(path), "data.csv", **options)


def test_the_demo_follows_its_rule() -> None:
    dataset = demo(50_000, seed=0)

    assert dataset.values.min() == 0
    assert dataset.values.max() == 99
    assert 0.029 < dataset.events / 50_000 < 0.034
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
    dataset = load(tmp_path, HEADER + GOOD, label="event", features=["b", "a"])

    table = pq.read_table(io.BytesIO(dataset.parquet()))

    assert table.column_names == ["b", "a", "event"]
    assert table.column("b").to_pylist()[:3] == [0, 2.5, 5]
    assert table.column("event").to_pylist()[:3] == [0, 1, 0]


def test_id_and_timestamp_are_no_features(tmp_path: Path) -> None:
    rows = "".join(f"x{i},2026-01-01 00:00:00,{i},{i % 2}\n" for i in range(40))

    assert load(tmp_path, f"id,timestamp,v,event\n{rows}").features == ("v",)


def test_id_is_a_feature_if_it_is_said_to_be(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i},{i % 2}\n" for i in range(40))

    assert load(tmp_path, f"id,v,event\n{rows}", features=["id"]).features == ("id",)


@pytest.mark.parametrize(
    ("no", "yes"),
    [("0", "1"), ("0.0", "1.0"), ("false", "true"), ("False", "True"), ("FALSE", "TRUE"), ("0", "true")],
)
def test_labels_may_be_spelled_in_several_ways(tmp_path: Path, no: str, yes: str) -> None:
    rows = "".join(f"{i},{i},{yes if i % 2 else no}\n" for i in range(40))

    assert load(tmp_path, HEADER + rows).labels.tolist() == [0, 1] * 20


@pytest.mark.parametrize("labels", [[False, True] * 20, [0.0, 1.0] * 20, [Decimal(0), Decimal(1)] * 20])
def test_parquet_may_hold_any_numbers(tmp_path: Path, labels: list[Any]) -> None:
    path = tmp_path / "data.bin"
    pq.write_table(
        pa.table({"a": pa.array(range(40), pa.uint8()), "b": [Decimal("1.5")] * 40, "event": labels}), path
    )

    dataset = from_table(datafile.read(path), "data.bin")

    assert dataset.features == ("a", "b")
    assert dataset.events == 20


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n", "not a well-formed CSV file"),
        (HEADER, "data.csv has no rows"),
        ("a;b;event\n1,5;2;0\n", "separates its columns by ';': write it with commas, and points"),
        (HEADER + "1,2\n" + GOOD, "Row #2: Expected 3 columns, got 2"),
        ("a,b,c\n" + GOOD, "no column 'event', it has 'a', 'b', 'c': name the label with --label"),
        ("event\n" + "0\n1\n" * 20, "0 feature columns"),
        ("a,a,event\n" + GOOD, "column 'a' occurs more than once"),
        (HEADER + GOOD + "1,x,0\n", "column 'b', row 41: 'x' is not a number"),
        (HEADER + GOOD + "1,,0\n", "column 'b', row 41: the value is missing"),
        (HEADER + GOOD + "1,NaN,0\n", "column 'b', row 41: nan is not a finite number"),
        (HEADER + GOOD + "1,-inf,0\n", "column 'b', row 41: -inf is not a finite number"),
        (HEADER + GOOD + "1,2,2\n", "column 'event', row 41: 2 is neither 0 nor 1"),
        (HEADER + GOOD + "1,2,yes\n", "column 'event', row 41: 'yes' is neither 0 nor 1"),
        (HEADER + GOOD + "1,2,\n", "column 'event', row 41: the value is missing"),
        (HEADER + "1,2,0\n" * 40, "all 40 rows have event 0"),
        (HEADER + "1,2,1\n" * 40, "all 40 rows have event 1"),
        (HEADER + "1,2,0\n" * 40 + "1,2,1\n" * 9, "only 9 of 49 rows have event 1"),
        (b"PAR1 and nonsense", "not a well-formed parquet file"),
        (HEADER.encode() + b"1,\xff,0\n" + GOOD.encode(), "column 'b', row 1"),
        (b"a,\xff,event\n1,2,0\n", "data.csv"),
        ("a,b,event\n" + f"2026-01-01,1,{1}\n" * 40, "it holds date32"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(NrtiError) as caught:
        load(tmp_path, content)

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": "z"}, "no column 'z'"),
        ({"features": ["a", "q"]}, "no column 'q'"),
        ({"features": ["a", "a"]}, "column 'a' occurs more than once"),
        ({"features": ["a", "event"]}, "'event' is the label and cannot be a feature too"),
    ],
)
def test_options_that_do_not_fit_the_file(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(NrtiError, match=message):
        load(tmp_path, HEADER + GOOD, **options)


def test_too_many_columns_for_an_event(tmp_path: Path) -> None:
    names = [f"v{i}" for i in range(513)]

    with pytest.raises(NrtiError, match="513 feature columns: a sequence has 1 to 512 values"):
        load(tmp_path, ",".join([*names, "event"]) + "\n" + ",".join(["1"] * 514) + "\n")


def test_a_column_may_turn_from_whole_numbers_to_fractions_late(tmp_path: Path) -> None:
    rows = "1,1,0\n1,1,1\n" * 200_000 + "0.5,1,1\n"

    assert load(tmp_path, HEADER + rows).values[-1].tolist() == [0.5, 1]


@pytest.mark.parametrize("name", ["absent.csv", "."])
def test_a_file_that_cannot_be_opened(tmp_path: Path, name: str) -> None:
    with pytest.raises(NrtiError, match="cannot be read"):
        datafile.read(tmp_path / name)


def test_values_keep_their_precision() -> None:
    values = np.random.default_rng(0).normal(size=(40, 2))
    dataset = Dataset("", ("a", "b"), values, np.array([0, 1] * 20, dtype=np.int8))

    table = pq.read_table(io.BytesIO(dataset.parquet()))

    assert np.array_equal(table.column("a").to_numpy(), values[:, 0])
