"""What reaches a terminal: no command of anybody else's, and something for every character."""

from __future__ import annotations

import codecs

import pytest

from nrti_cli.characters import DEGRADE, degrade, printable

codecs.register_error(DEGRADE, degrade)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("\x1b]0;title\x07", "\ufffd]0;title\ufffd"),
        ("\x9b2J", "\ufffd2J"),
        ("over\rwritten\x08", "over\ufffdwritten\ufffd"),
        ("right\u202eleft", "right\ufffdleft"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("Zürich\u00a0→ 千葉", "Zürich\u00a0→ 千葉"),
    ],
)
def test_nothing_that_a_terminal_would_obey_is_left(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_what_an_encoding_lacks_is_replaced_by_as_many_characters() -> None:
    assert "a ── b… · ü \udc80".encode("ascii", DEGRADE) == b"a -- b~ . ? ?"
    assert "lone \udc80".encode("utf-8", DEGRADE) == b"lone ?"


def test_what_cannot_be_read_is_no_matter_of_output() -> None:
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", DEGRADE)
