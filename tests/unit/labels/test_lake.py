"""What the queries about labels ask for: no more than the labels of a file may be about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
import sqlglot

from nrti_cli.labels.batch import Batch, batch
from nrti_cli.labels.lake import matches, newest

RECORDED = 1_795_000_000_000_000_000
#: UUIDs of version 7, of two times.
IDS = ["019a8f00-0000-7000-8000-000000000001", "019ab3c2-5f30-7c1e-9d55-2f5e0c6a1b77"]


def events(*ids: str) -> Batch:
    return batch("event", {"event_id": pa.array(ids)}, pa.array([1] * len(ids)))


def spans(*sensors: str, start: int = 0, end: int = 1000) -> Batch:
    times = {
        name: pa.array([time] * len(sensors), pa.timestamp("ms"))
        for name, time in (("start_time", start), ("end_time", end))
    }
    return batch("interval", {"sensor": pa.array(sensors), **times}, pa.array([1] * len(sensors)))


def test_few_are_named_and_quoted() -> None:
    assert "event_id IN ('a', 'it''s')" in newest(events("it's", "a"))
    assert "sensor IN ('r')" in newest(spans("r", "r"))


def test_of_many_the_range_is_named() -> None:
    names = [f"{number:04}" for number in range(1000)]

    assert "event_id BETWEEN '0000' AND '0999'" in newest(events(*names))
    assert "sensor BETWEEN '0000' AND '0999'" in newest(spans(*names))


def test_only_overlapping_times_are_asked_for() -> None:
    sql = newest(spans("r", start=1_500, end=86_400_000))

    assert "start_time <= TIMESTAMP '1970-01-02 00:00:00.000'" in sql
    assert "end_time >= TIMESTAMP '1970-01-01 00:00:01.500'" in sql


@pytest.mark.parametrize(
    ("given", "day"),
    [
        (events(*IDS), "2025-11-15"),
        (events(*IDS, "other"), "1970-01-01"),
        (spans("r", start=1_763_819_401_123, end=1_763_819_401_123), "2025-11-21"),
        (spans("r", start=253_402_300_799_999, end=253_402_300_799_999), None),
    ],
)
def test_predictions_are_read_from_the_day_before_the_first_event_on(given: Batch, day: str | None) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")

    assert f"day >= '{day or yesterday}'" in matches(given, RECORDED)


@pytest.mark.parametrize("given", [events("a"), spans("r")], ids=["event", "interval"])
def test_only_the_labels_that_were_just_recorded_are_counted(given: Batch) -> None:
    sql = matches(given, RECORDED)

    assert f"month = '2026-11' AND recorded BETWEEN {RECORDED} AND {RECORDED}" in sql
    assert sqlglot.parse_one(sql, read="athena")


@pytest.mark.parametrize(
    ("milliseconds", "widths"), [([0, 4_000], "4e0"), ([1, 5_000, 10**14], "4e0, 4096e0, 4294967296e0")]
)
def test_predictions_are_compared_by_the_widths_that_the_labels_have(
    milliseconds: list[int], widths: str
) -> None:
    tables = [spans("r", end=each).rows for each in milliseconds]

    assert f"ARRAY[{widths}]" in matches(Batch("interval", pa.concat_tables(tables)), RECORDED)
