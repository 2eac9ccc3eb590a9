from __future__ import annotations

import pytest

from nrti_cli.sequences import show_sequence


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
