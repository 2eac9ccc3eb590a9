"""Splits text into blocks of whole lines, as it arrives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nrti_cli.errors import NrtiError
from nrti_cli.tables.faults import fault

_LONGEST = 64 << 20


class Lines(NamedTuple):
    """Whole lines, and the number of the first, from 1; bytes that should be UTF-8."""

    text: bytes
    first: int

    def after(self, end: int) -> Lines:
        """The lines from a position in the text on."""
        return Lines(self.text[end:], self.first + self.text.count(b"\n", 0, end))


class Row(NamedTuple):
    """A row of a table: the number of its first line, its text, and its end in the block."""

    number: int
    text: bytes
    end: int


def whole_lines(shown: str, chunks: Iterator[bytes], *, quotes: bool) -> Iterator[Lines]:
    """Blocks of whole lines.

    Args:
        shown: the input's name for messages.
        chunks: of the input; each that ends a line gives a block.
        quotes: whether a quoted value may contain line breaks.

    Raises:
        NrtiError: a line does not end.
    """
    rest = Lines(b"", 1)
    for chunk in chunks:
        rest = rest._replace(text=rest.text + chunk)
        if end := _end(rest.text, quotes=quotes):
            yield rest._replace(text=rest.text[:end])
            rest = rest.after(end)
        elif len(rest.text) > _LONGEST:
            raise _endless(shown, rest, quotes=quotes)
    if quotes and _is_open(rest.text):
        raise _endless(shown, rest, quotes=quotes)
    if rest.text:
        yield rest


def _end(text: bytes, *, quotes: bool) -> int:
    """Where the last whole line ends."""
    end = text.rfind(b"\n") + 1
    if quotes and text.count(b'"', 0, end) % 2:
        # The last quotation mark opens a value that continues beyond; all lines before it are whole.
        return text.rfind(b"\n", 0, text.rfind(b'"', 0, end)) + 1
    return end


def _is_open(text: bytes) -> bool:
    """Whether a value begins with a quotation mark that is not closed; within a value it is a character."""
    before = text[: text.rfind(b'"')].rstrip(b" ")
    return text.count(b'"') % 2 == 1 and before[-1:] in {b"", b"\n", b",", b";", b"\t", b"|"}


def _endless(shown: str, lines: Lines, *, quotes: bool) -> NrtiError:
    problem = "a quotation mark is not closed" if quotes else "it is longer than 64 MB"
    return fault(f"{shown}, line {lines.first}", problem)


def rows(lines: Lines) -> Iterator[Row]:
    """The rows of a block, without empty lines."""
    start, number = 0, lines.first
    while start < len(lines.text):
        end = _end_of_row(lines.text, start)
        if text := lines.text[start:end].strip(b"\r\n"):
            yield Row(number, text, end)
        start, number = end, number + lines.text.count(b"\n", start, end)


def _end_of_row(text: bytes, start: int) -> int:
    """The end of the first line at which no quotation mark is open."""
    end, marks = start, 0
    while following := text.find(b"\n", end) + 1:
        marks += text.count(b'"', end, following)
        end = following
        if marks % 2 == 0:
            return end
    return len(text)


def decoded(shown: str, lines: Lines) -> str:
    """Decodes lines.

    Raises:
        NrtiError: they are not UTF-8; the message names the line.
    """
    try:
        return lines.text.decode()
    except UnicodeDecodeError as error:
        number = lines.first + lines.text.count(b"\n", 0, error.start)
        hint = "convert it, as iconv -f latin1 -t utf-8 does"
        raise fault(f"{shown}, line {number}", "it is not UTF-8 text", hint) from error
