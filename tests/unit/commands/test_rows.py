"""Tables: one style, as wide as the terminal, and clean."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from nrti_cli.commands.output.rows import Cell, Head, show_table

HEADS = [Head("sensor"), Head("events", number=True), Head("what happened to them on the way")]
ROWS: list[list[Cell]] = [["sensor-x", "1,024", "stored " * 12], ["\x1b[2Jevil", "3", None]]


@pytest.fixture
def screen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """What a terminal of a width and an encoding gets."""
    width, encoding = request.param
    written = io.BytesIO()
    file = io.TextIOWrapper(written, encoding=encoding, write_through=True)
    console = Console(file=file, width=width, force_terminal=True, color_system=None, highlight=False)
    monkeypatch.setattr("nrti_cli.commands.output.rows.out", lambda: console)
    return written


def _lines(screen: io.BytesIO, encoding: str = "utf-8") -> list[str]:
    return [line.rstrip() for line in screen.getvalue().decode(encoding).splitlines()]


@pytest.mark.parametrize("screen", [(200, "utf-8")], indirect=True)
def test_a_wide_terminal_cuts_nothing(screen: io.BytesIO) -> None:
    show_table(HEADS, ROWS, cut=True)

    assert _lines(screen) == [
        "sensor    events  what happened to them on the way",
        "─" * (8 + 2 + 6 + 2 + len("stored " * 12)),
        f"sensor-x   1,024  {'stored ' * 12}".rstrip(),
        "\ufffd[2Jevil       3  NULL",
    ]


@pytest.mark.parametrize("screen", [(50, "utf-8")], indirect=True)
def test_a_narrower_one_cuts_or_goes_on_below(screen: io.BytesIO) -> None:
    show_table(HEADS, ROWS, cut=True)
    assert max(map(len, _lines(screen))) == 50
    assert _lines(screen)[2].endswith("…")

    show_table(HEADS, ROWS)
    assert max(map(len, _lines(screen))) == 50
    assert "".join(_lines(screen)[4:]).count("stored") == 12


@pytest.mark.parametrize("screen", [(21, "utf-8")], indirect=True)
def test_where_no_table_fits_there_are_records(screen: io.BytesIO) -> None:
    show_table([Head("a" * 12), Head("b" * 12)], [["1" * 12, "2" * 12]])

    assert _lines(screen)[1:] == [f"{'a' * 12}  111111…", f"{'b' * 12}  222222…"]


@pytest.mark.parametrize("screen", [(80, "ascii")], indirect=True)
def test_a_terminal_without_box_characters_has_the_same_table(screen: io.BytesIO) -> None:
    show_table(HEADS[:2], [row[:2] for row in ROWS[:1]], sums=["total", "7"])

    assert _lines(screen) == [
        "sensor    events",
        "----------------",
        "sensor-x   1,024",
        "----------------",
        "total          7",
    ]
