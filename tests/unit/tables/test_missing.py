"""Values that are missing: refused with count and place, or handled as asked, in training and sending."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nrti_cli.errors import NrtiError
from nrti_cli.models.training.datafile import load
from nrti_cli.models.training.dataset import Dataset
from nrti_cli.producer.reading import check, read_events
from nrti_cli.producer.sources import Defaults
from nrti_cli.tables.layout import Layout
from nrti_cli.tables.schema import Schema

DEFAULTS = Defaults("m", None, ("s",), None)
#: The value of b is missing in the third and fourth row of engine x, and in the first of engine y.
HOLES = [("x", 1, 2), ("x", 3, 4), ("x", 5, None), ("y", 7, None), ("x", 9, None), ("y", 1, 2)]


def _file(tmp_path: Path, spelling: str) -> str:
    rows = [(*row, number % 2) for number, row in enumerate(HOLES * 10)]
    text = "".join(f"{unit},{a},{spelling if b is None else b},{event}\n" for unit, a, b, event in rows)
    (tmp_path / "d.csv").write_text("unit,a,b,event\n" + text)
    return str(tmp_path / "d.csv")


def _load(name: str, **options: Any) -> Dataset:
    return load(name, Layout(schema=Schema(group="unit", **options)), None, lambda _: None)


def _sent(name: str, **options: Any) -> tuple[list[list[float]], list[str]]:
    remarks: list[str] = []
    layout = Layout(schema=Schema(group="unit", **options))
    events = read_events(name, DEFAULTS, layout=layout, remark=remarks.append)
    return [event["data"] for event in events], remarks


@pytest.mark.parametrize("spelling", ["", "NaN", "nan", "NA", "null", "?"])
def test_they_are_refused_with_their_count_and_the_first_place(tmp_path: Path, spelling: str) -> None:
    name, layout = _file(tmp_path, spelling), Layout(schema=Schema(group="unit"))
    said = "line 4, column 'b': the value is missing, the first of 30: fill it in, or add --missing drop"

    with pytest.raises(NrtiError, match=said):
        _load(name)
    with pytest.raises(NrtiError, match=said):
        check(name, DEFAULTS, layout=layout)


def test_a_file_of_json_lines_may_lack_a_value(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text("".join(json.dumps({"a": a, "b": b}) + "\n" for _, a, b in HOLES))
    layout = Layout(schema=Schema(missing="drop"))

    found = read_events(str(tmp_path / "d.jsonl"), DEFAULTS, layout=layout)

    assert [event["data"] for event in found] == [[1, 2], [3, 4], [1, 2]]


def test_their_rows_are_dropped(tmp_path: Path) -> None:
    name = _file(tmp_path, "")

    dataset, (sent, remarks) = _load(name, missing="drop"), _sent(name, missing="drop")

    assert dataset.values.tolist() == sent == [[1, 2], [3, 4], [1, 2]] * 10
    assert dataset.labels.tolist() == [0, 1, 1] * 10
    assert dataset.remarks == ("skipped 30 rows with missing values",)
    assert remarks == ["skipped 30 rows with missing values"]


def test_they_are_filled_with_the_last_value_of_the_group(tmp_path: Path) -> None:
    name = _file(tmp_path, "")

    dataset, (sent, remarks) = _load(name, missing="ffill"), _sent(name, missing="ffill")

    assert sent[:6] == [[1, 2], [3, 4], [5, 4], [9, 4], [1, 2], [1, 2]]
    assert sent[6:9] == [[3, 4], [5, 4], [7, 2]]
    assert dataset.values.tolist() == sent
    assert len(remarks) == len(dataset.remarks) == 1  # the first of y has no value before it


def test_they_are_kept_for_training_and_their_rows_are_not_sent(tmp_path: Path) -> None:
    name = _file(tmp_path, "")

    dataset, (sent, _) = _load(name, missing="keep"), _sent(name, missing="keep")

    assert np.isnan(dataset.values).sum() == 30
    assert len(dataset.labels) == 60
    assert sent == [[1, 2], [3, 4], [1, 2]] * 10


def test_a_file_of_which_no_row_is_left(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("unit,a,event\n" + "x,,0\nx,,1\n" * 20)

    with pytest.raises(
        NrtiError, match=r"d\.csv has no row without a missing value: add --missing ffill or keep"
    ):
        _load(str(tmp_path / "d.csv"), missing="drop")


def test_windows_with_a_missing_value_are_trained_on_and_not_sent(tmp_path: Path) -> None:
    name = _file(tmp_path, "")

    dataset = _load(name, missing="keep", window=2, hop=1)
    sent, remarks = _sent(name, missing="keep", window=2, hop=1)

    whole = dataset.values[~np.isnan(dataset.values).any(axis=1)]
    assert np.array(sent).reshape(len(sent), -1).tolist() == whole.tolist()
    assert remarks[1] == f"skipped {len(dataset.labels) - len(whole)} windows with missing values"
