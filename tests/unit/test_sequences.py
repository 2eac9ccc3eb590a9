from __future__ import annotations

import pytest

from nrti_cli.sequences import other_separator, show_sequence


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ([3, 97, 12], "[3, 97, 12]"),
        ([1.25, -3e-7], "[1.25, -3e-07]"),
        (list(range(1, 6)), "[1, 2, 3, 4, 5]"),
        (list(range(1, 129)), "[1, 2, … 128] (128)"),
    ],
)
def test_a_long_sequence_is_shown_by_its_ends_and_its_length(data: list[float], shown: str) -> None:
    assert show_sequence(data) == shown


@pytest.mark.parametrize(
    ("header", "separator"),
    [("a;b;event\n", ";"), ("a\tb\n", "\t"), ("a|b\n", "|"), ("a,b\n", None), ("a;b,c\n", None), ("a", None)],
)
def test_what_separates_columns_in_place_of_commas(header: str, separator: str | None) -> None:
    assert other_separator(header) == separator
