"""Rows that are labelled by intervals of time from a file of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from nrti_cli.errors import NrtiError
from nrti_cli.models.training.datafile import load
from nrti_cli.models.training.dataset import Dataset
from nrti_cli.tables.layout import Layout
from nrti_cli.tables.schema import Schema

#: A row a minute of two pumps, from midnight.
DATA = "at,pump,bar\n" + "".join(
    f"2026-01-01 {minute // 60:02}:{minute % 60:02},{pump},{minute}\n"
    for minute in range(120)
    for pump in "ab"
)


def _load(
    tmp_path: Path,
    intervals: str,
    group: str | None = "pump",
    data: str = DATA,
    form: str | None = None,
) -> Dataset:
    (tmp_path / "d.csv").write_text(data)
    (tmp_path / "log.csv").write_text(intervals)
    time = "at" if "at," in data else None
    schema = Schema(time=time, time_format=form, group=group, exclude=() if group else ("pump",))
    return load(str(tmp_path / "d.csv"), Layout(schema=schema), str(tmp_path / "log.csv"), lambda _: None)


def _failures(dataset: Dataset) -> list[tuple[str, int]]:
    assert dataset.groups is not None
    pumps = map(str, dataset.groups.to_pylist())
    rows = zip(pumps, dataset.values[:, 0].astype(int).tolist(), dataset.labels.tolist(), strict=True)
    return [(pump, minute) for pump, minute, label in rows if label]


def test_they_belong_to_a_group_overlap_and_include_their_ends(tmp_path: Path) -> None:
    log = (
        "start,end,pump\n2026-01-01T00:50,2026-01-01T01:05,a\n2026-01-01T00:45,2026-01-01T00:55,a\n"
        "2026-01-01T01:00Z,2026-01-01T01:00Z,b\n"
    )

    found = _failures(_load(tmp_path, log))

    assert sorted(found) == [*(("a", minute) for minute in range(45, 66)), ("b", 60)]


def test_without_a_group_they_are_of_all(tmp_path: Path) -> None:
    found = _failures(_load(tmp_path, "end;start\n2026-01-01T00:09;2026-01-01T00:00\n"))

    assert sorted(found) == [(pump, minute) for pump in "ab" for minute in range(10)]


def test_a_log_may_write_times_as_such_or_as_the_data_do(tmp_path: Path) -> None:
    data = DATA.replace("2026-01-01 ", "1.1.26 ")
    for start, end in (("1.1.26 00:10", "1.1.26 00:19"), ("2026-01-01T00:10", "2026-01-01T00:19")):
        found = _failures(_load(tmp_path, f"start,end\n{start},{end}\n", data=data, form="%d.%m.%y %H:%M"))

        assert sorted(found) == [(pump, minute) for pump in "ab" for minute in range(10, 20)]


def test_groups_without_rows_are_named(tmp_path: Path) -> None:
    log = "start,end,group\n2026-01-01T00:00,2026-01-01T00:30,a\n2026-01-01T00:00,2026-01-01T00:30,c\n"

    (remark,) = _load(tmp_path, log).remarks

    assert remark.endswith("log.csv has intervals of groups without rows: 'c'")


def test_intervals_of_groups_need_groups_in_the_data(tmp_path: Path) -> None:
    with pytest.raises(NrtiError, match="has intervals of groups, but the data has no groups: name"):
        _load(tmp_path, "start,end,sensor\n2026-01-01,2026-01-02,a\n", group=None)


@pytest.mark.parametrize(
    ("log", "data", "said"),
    [
        ("start,end\n2026-01-01T00:50,2026-01-01T00:45\n", DATA, "log.csv, line 2: the interval ends before"),
        ("start,end\n2026-01-01T00:50,later\n", DATA, "log.csv, line 2, column 'end': 'later' is neither"),
        ("from,to\n2026-01-01T00:50,2026-01-01T00:51\n", DATA, "has no column 'start', 'end', it has 'from'"),
        ("start,end\n2027-01-01,2027-01-02\n", DATA, "all 240 rows have event 0"),
        (
            "start,end\n2026-01-01,2026-01-02\n",
            "pump,bar\na,1\na,2\n",
            "rows by time, but the data has no times",
        ),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, log: str, data: str, said: str) -> None:
    with pytest.raises(NrtiError) as refused:
        _load(tmp_path, log, data=data)

    assert said in str(refused.value)
