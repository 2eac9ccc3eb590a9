"""The format of a CSV file, as the user specifies it."""

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
    """The format of a CSV file.

    Attributes:
        separator: between two values; None to detect it.
        header: whether the first line has the names of the columns; otherwise they are 1, 2, 3, …
    """

    separator: str | None = None
    header: bool = True


FOUND = Form()


def separator(text: str) -> str:
    """Parses a separator on the command line: a character, or tab, blanks, comma, semicolon, bar.

    Raises:
        ValueError: it is more than one character.
    """
    found = _NAMES.get(text, text)
    if len(found) != 1 or found in '\r\n"':
        raise ValueError(f"{text!r} is not a separator: write one character, or tab or blanks")
    return found
