"""Times in all the ways in which files write them; a column is read as its values are one by one."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa
import pytest

from nrti_cli.errors import NrtiError
from nrti_cli.tables.formats.blocks import Block
from nrti_cli.tables.times import milliseconds, times

NOON = 1_583_764_267_000


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        ("2020-03-09 14:31:07", None, NOON),
        ("2020-03-09T14:31:07", None, NOON),
        ("2020-03-09T14:31:07Z", None, NOON),
        ("2020-03-09T15:31:07+01:00", None, NOON),
        ("2020-03-09T14:31:07.250", None, NOON + 250),
        ("2020-03-09T14:31:07.250500Z", None, NOON + 250),
        ("2020-03-09", None, NOON - (14 * 3600 + 31 * 60 + 7) * 1000),
        ("1583764267", None, NOON),
        ("1583764267000", None, NOON),
        ("1583764267000000", None, NOON),
        ("1583764267000000000", None, NOON),
        ("1583764267.25", None, NOON + 250),
        (1583764267, None, NOON),
        (1583764267.25, None, NOON + 250),
        (1583764267000.0, None, NOON),
        ("17", None, 17_000),
        (datetime(2020, 3, 9, 14, 31, 7), None, NOON),
        ("09.03.2020 14:31:07", "%d.%m.%Y %H:%M:%S", NOON),
        ("09/03/2020 02:31:07.250 PM", "%d/%m/%Y %I:%M:%S.%f %p", NOON + 250),
        ("09.03.2020 15:31:07 +0100", "%d.%m.%Y %H:%M:%S %z", NOON),
    ],
)
def test_a_time(value: object, form: str | None, expected: int) -> None:
    assert milliseconds(value, form) == expected
    assert times(_block([value, value]), "t", form).tolist() == [expected] * 2


def test_days_of_parquet_begin_at_midnight() -> None:
    assert times(_block([date(1970, 1, 2)]), "t").tolist() == [86_400_000]


@pytest.mark.parametrize(
    ("values", "form", "said"),
    [
        (["2020-03-09", "noon"], None, "row 2, column 't': 'noon' is neither an epoch time nor ISO 8601"),
        (["2020-03-09", None], None, "row 2, column 't': the value is missing"),
        (["2020-03-09", "9.3."], "%Y-%m-%d", "row 2, column 't': '9.3.' is not as --time-format %Y-%m-%d"),
        (["nan"], None, "'nan' is neither"),
        (["9" * 400], None, "is neither"),
        ([True], None, "True is neither"),
    ],
)
def test_what_is_no_time_is_named(values: list[object], form: str | None, said: str) -> None:
    with pytest.raises(NrtiError) as refused:
        times(_block(values), "t", form)

    assert said in str(refused.value)


def _block(values: list[object]) -> Block:
    return Block({"t": pa.array(values)}, len(values), lambda row: f"row {row + 1}")
