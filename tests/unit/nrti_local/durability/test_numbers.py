"""Sequence numbers grow, whatever the clock does."""

from __future__ import annotations

import pytest

from nrti_local.durability.numbers import Numbers
from nrti_local.durability.packed.records import TableRecords


def test_numbers_grow_although_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers, now = Numbers(), 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    first = numbers.next()
    now -= 3600
    second = numbers.next()
    restarted = Numbers()
    restarted.pass_by(second)

    assert first < second < restarted.next()


def test_a_tables_stream_numbers_its_records_in_their_order() -> None:
    records = TableRecords()
    for _ in range(3):
        records.append({"dynamodb": {"SequenceNumber": "9" * 30}})

    numbers = [records.number(record) for record in records]

    assert numbers == sorted(set(numbers))
    assert "9" * 30 not in numbers
    assert list(TableRecords(records)) == list(records), "restored records keep their numbers"
