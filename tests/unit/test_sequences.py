from __future__ import annotations

import pytest

from nrti_cli.sequences import Data, parse_number, show_sequence


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ([3, 97, 12], "[3, 97, 12]"),
        ([1.25, -3e-7], "[1.25, -3e-07]"),
        (list(range(1, 6)), "[1, 2, 3, 4, 5]"),
        (list(range(1, 129)), "[1, 2, … 128] (128)"),
        ([[60.5, 5], [61, 4], [62, 3]], "[[60.5, 5], … [62, 3]] (3 x 2)"),
        ([], "[]"),
    ],
)
def test_a_long_sequence_is_shown_by_its_ends_and_its_length(data: Data, shown: str) -> None:
    assert show_sequence(data) == shown


@pytest.mark.parametrize(
    ("text", "number"), [("7", 7), ("-3e2", -300.0), (" 2.50 ", 2.5), ("9" * 20, 10**20 - 1)]
)
def test_a_number_is_whole_if_it_is_written_so(text: str, number: float) -> None:
    assert parse_number(text) == number
    assert type(parse_number(text)) is type(number)


@pytest.mark.parametrize("text", ["", "x", "nan", "-inf", "1,5"])
def test_what_is_no_finite_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        parse_number(text)
