"""How a file of CSV is written, where the user says it."""

from __future__ import annotations

from dataclasses import dataclass

#: Any number of blanks and tabs.
BLANKS = " "
_NAMES = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    r"\t": "\t",
    "bar": "|",
    "blanks": BLANKS,
    "blank": BLANKS,
}


@dataclass(frozen=True)
class Form:
    """How a file of CSV is written.

    Attributes:
        separator: between two values; None to find it.
        header: whether the first line has the names of the columns; otherwise these are 1, 2, 3, …
    """

    separator: str | None = None
    header: bool = True


FOUND = Form()


def separator(text: str) -> str:
    """A separator as it is written on a command line: itself, or tab, blanks, comma, semicolon, bar.

    Raises:
        ValueError: it is more than one character.
    """
    found = _NAMES.get(text, text)
    if len(found) != 1 or found in '\r\n"':
        raise ValueError(f"{text!r} is no separator: write one character, or tab or blanks")
    return found
