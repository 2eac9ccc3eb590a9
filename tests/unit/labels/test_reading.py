"""Files of labels: what their rows mean, and what is refused."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from nrti_cli.errors import NrtiError
from nrti_cli.labels.batch import Batch
from nrti_cli.labels.columns import Columns
from nrti_cli.labels.reading import read_labels
from nrti_cli.tables.formats.form import Form

NOON = datetime(2026, 11, 22, 12)


def read(tmp_path: Path, text: str, name: str = "labels.csv", columns: Columns | None = None) -> Batch:
    (tmp_path / name).write_text(text)
    return read_labels(str(tmp_path / name), columns or Columns(), lambda _: None)


def refusal(tmp_path: Path, text: str, columns: Columns | None = None) -> str:
    with pytest.raises(NrtiError) as caught:
        read(tmp_path, text, columns=columns)
    return str(caught.value).replace(f"{tmp_path}/", "")


def rows(batch: Batch) -> list[tuple[Any, ...]]:
    return [tuple(value for value in row.values() if value is not None) for row in batch.rows.to_pylist()]


def test_labels_of_events(tmp_path: Path) -> None:
    found = read(tmp_path, "label,event_id\n0,e1\n1,e2\n")

    assert (found.form, rows(found)) == ("event", [("e1", 0), ("e2", 1)])


def test_labels_of_times_with_zones(tmp_path: Path) -> None:
    text = "sensor;timestamp;label\nr;2026-11-22T14:00+02:00;yes\nr;2026-11-22 12:00:00.001;no\n"
    found = read(tmp_path, text)

    assert found.form == "time"
    assert [(row[1], row[-1]) for row in rows(found)] == [(NOON, 1), (NOON.replace(microsecond=1000), 0)]
    assert found.reading == "yes is a failure, no is none"


def test_labels_of_intervals_under_other_names(tmp_path: Path) -> None:
    names = {"sensor": "machine", "start": "began", "end": "over", "label": "fault"}
    columns = Columns(names, time_format="%d.%m.%Y %H:%M")
    text = "machine,began,over,fault\nr,22.11.2026 12:00,22.11.2026 13:00,1\n"
    found = read(tmp_path, text, columns=columns)

    assert found.form == "interval"
    assert rows(found) == [("r", NOON, NOON.replace(hour=13), 1)]


def test_a_log_without_labels_has_the_one_that_is_given(tmp_path: Path) -> None:
    text = "sensor,start,end\nr,2026-11-22T12:00,2026-11-22T13:00\n"

    assert rows(read(tmp_path, text, columns=Columns(label=1)))[0][-1] == 1
    with pytest.raises(NrtiError, match="has labels in its column 'label': leave out --label"):
        read(tmp_path, "event_id,label\ne,0\n", columns=Columns(label=1))
    assert refusal(tmp_path, text) == (
        "labels.csv has no column 'label', it has 'sensor', 'start', 'end': "
        "add --label 1 if all rows are failures"
    )


def test_other_formats(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"event_id": f"e{number}", "label": number}) + "\n" for number in (0, 1))
    parquet.write_table(
        pa.table({"event_id": ["e0", "e1"], "label": [False, True]}), tmp_path / "labels.parquet"
    )

    from_lines = read(tmp_path, lines, "labels.jsonl")
    from_parquet = read_labels(str(tmp_path / "labels.parquet"), Columns(), lambda _: None)

    assert rows(from_lines) == rows(from_parquet) == [("e0", 0), ("e1", 1)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("event_id,label\ne1,0\ne2,maybe\n", "line 3, column 'label': 'maybe' is not a label next to '0'"),
        ("event_id,label\ne1,0\n,1\n", "line 3, column 'event_id': the value is missing"),
        (
            "sensor,timestamp,label\nr,yesterday,1\n",
            "line 2, column 'timestamp': 'yesterday' is neither an epoch",
        ),
        (
            "sensor,timestamp,label\nr,-1,1\n",
            "line 2, column 'timestamp': the time is not between 1970 and 9999",
        ),
        (
            "sensor,start,end,label\nr,2026-01-02,2026-01-03,1\nr,2026-01-05,2026-01-04,1\n",
            "line 3: the interval ends before it starts",
        ),
        (
            "sensor,start,end,label\n\x07,2026-01-02,2026-01-03,1\n",
            "line 2, column 'sensor': '\\x07' cannot be a",
        ),
        ("sensor,label\nr,1\n", "has no events, sensors or times to label, it has 'sensor', 'label'"),
        ("sensor,start,label\nr,2026-01-02,1\n", "has no column 'end'"),
        ("event_id,label\n", "has no labels"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, text: str, message: str) -> None:
    assert message in refusal(tmp_path, text)


def test_a_wrong_name_of_a_column(tmp_path: Path) -> None:
    assert "has no column 'id'" in refusal(tmp_path, "event_id,label\ne,1\n", Columns({"event_id": "id"}))


def test_columns_without_names(tmp_path: Path) -> None:
    columns = Columns({"event_id": "2", "label": "1"}, form=Form(header=False))

    assert rows(read(tmp_path, "1,e1\n0,e2\n", columns=columns)) == [("e1", 1), ("e2", 0)]


def test_intervals_that_contradict_each_other_are_both_named(tmp_path: Path) -> None:
    text = (
        "sensor,start,end,label\n"
        "r,2026-01-01T10:00,2026-01-01T12:00,1\n"
        "s,2026-01-01T11:00,2026-01-01T13:00,0\n"
        "r,2026-01-01T09:00,2026-01-01T09:30,0\n"
        "r,2026-01-01T11:59:59,2026-01-01T13:00,0\n"
    )

    assert refusal(tmp_path, text) == (
        "labels.csv, line 5: label 0 contradicts label 1 of labels.csv, line 2: both intervals of 'r' "
        "contain 2026-01-01T11:59:59Z: correct one of the rows"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("10", "14", 1), ("11", "12", 0)),
        (("11", "12", 1), ("10", "14", 0)),
        (("10", "12", 1), ("10", "10", 0)),
    ],
)
def test_an_interval_within_another_contradicts_it(
    tmp_path: Path, first: tuple[str, str, int], second: tuple[str, str, int]
) -> None:
    lines = [
        f"r,2026-01-01T{start}:00,2026-01-01T{end}:00,{label}\n" for start, end, label in (first, second)
    ]

    assert "line 3: label 0 contradicts label 1" in refusal(
        tmp_path, "sensor,start,end,label\n" + "".join(lines)
    )


def test_intervals_that_agree_or_only_touch_are_no_contradiction(tmp_path: Path) -> None:
    text = (
        "sensor,start,end,label\n"
        "r,2026-01-01T10:00,2026-01-01T12:00,1\n"
        "r,2026-01-01T11:00,2026-01-01T13:00,1\n"
        "r,2026-01-01T13:00,2026-01-01T14:00,0\n"
        "s,2026-01-01T10:00,2026-01-01T14:00,0\n"
    )

    assert len(read(tmp_path, text)) == 4
