"""A packed stream is the list of records that it was given."""

from __future__ import annotations

import base64
import itertools
from bisect import bisect_left, bisect_right
from typing import Any

import pytest

from nrti_local.durability.packed.records import KinesisRecords, Records

#: Enough for several blocks, and an end that is none.
COUNT = 500


def _record(number: int) -> dict[str, Any]:
    return {"SequenceNumber": f"{number:03d}", "dynamodb": {"NewImage": {"n": {"N": str(number)}}}}


@pytest.fixture
def plain() -> list[dict[str, Any]]:
    return [_record(number) for number in range(COUNT)]


@pytest.mark.parametrize("count", [0, 1, 63, 64, 127, 128, 129, 192, COUNT])
def test_it_reads_as_the_list(plain: list[dict[str, Any]], count: int) -> None:
    plain = plain[:count]
    records = Records(plain)
    assert list(records) == plain
    assert list(reversed(records)) == plain[::-1]
    assert (len(records), bool(records)) == (count, bool(plain))
    assert [records[index] for index in range(count)] == plain
    for start, stop in itertools.product((0, 1, 63, 64, 200, count, count + 9), (0, 64, 130, count, None)):
        assert records[start:stop] == plain[start:stop], (start, stop)
    assert records[-3:] == plain[-3:]


@pytest.mark.parametrize("gone", [0, 1, 64, 65, 128, 300, 440, COUNT - 1, COUNT])
def test_it_forgets_the_first_ones_and_goes_on(plain: list[dict[str, Any]], gone: int) -> None:
    records = Records(plain)
    del records[:gone], plain[:gone]
    assert list(records) == plain
    assert records[:1] == plain[:1]
    for number in range(COUNT, COUNT + 200):
        records.append(_record(number))
        plain.append(_record(number))
    assert list(records) == plain
    assert records[0] == plain[0]


def test_it_forgets_bit_by_bit(plain: list[dict[str, Any]]) -> None:
    records = Records(plain)
    while plain:
        del records[:7], plain[:7]
        assert (len(records), records[:2]) == (len(plain), plain[:2])


def test_an_index_behind_its_end_is_an_error(plain: list[dict[str, Any]]) -> None:
    records = Records(plain)
    for index in (COUNT, -COUNT - 1):
        with pytest.raises(IndexError):
            records[index]


def test_nothing_but_the_front_can_go(plain: list[dict[str, Any]]) -> None:
    records = Records(plain)
    for others in (slice(1, 2), slice(None, None, 2)):
        with pytest.raises(ValueError, match="front"):
            del records[others]
    with pytest.raises(ValueError, match="after the other"):
        records[::2]


def test_who_reads_while_it_changes_sees_a_list_of_once(plain: list[dict[str, Any]]) -> None:
    records = Records(plain)
    reading = iter(records)
    first = list(itertools.islice(reading, 100))
    del records[:300]
    for number in range(COUNT, COUNT + 300):
        records.append(_record(number))
    assert (first + list(reading))[:COUNT] == plain


@pytest.mark.parametrize(
    "data", ["", base64.b64encode(bytes(range(256))).decode(), "AA==", "no base64", "AB==", "ä", "AAAA\n"]
)
def test_data_of_kinesis_comes_back_as_it_was(data: str) -> None:
    plain = [{"SequenceNumber": str(number), "Data": data} for number in range(COUNT)]
    assert list(KinesisRecords(plain)) == plain


def test_a_record_takes_up_little() -> None:
    data = base64.b64encode(b'{"eventName": "INSERT", "dynamodb": {"NewImage": {}}}' * 10).decode()
    records = KinesisRecords({"SequenceNumber": f"{number:030d}", "Data": data} for number in range(6_400))
    _, blocks, _ = records._parts
    assert sum(map(len, blocks)) < 6_400 * 30


@pytest.mark.parametrize("count", [0, 1, 64, 130, COUNT])
def test_a_number_is_found_from_wherever_it_is(plain: list[dict[str, Any]], count: int) -> None:
    records, numbers = Records(plain[:count]), [each["SequenceNumber"] for each in plain[:count]]
    for sought in ("", *numbers[::7], "0005", "zzz"):
        assert records.position(sought) == bisect_left(numbers, sought)
        assert records.position(sought, behind=True) == bisect_right(numbers, sought)
