"""Date patterns of MySQL (`date_format`) and Joda (`format_datetime`), in DuckDB's notation."""

from __future__ import annotations

import re

#: MySQL's specifiers in DuckDB's notation.
_MYSQL = {
    "a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I",
    "i": "%M", "j": "%j", "k": "%-H", "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p",
    "S": "%S", "s": "%S", "T": "%H:%M:%S", "v": "%V", "W": "%A", "x": "%G", "Y": "%Y", "y": "%y", "%": "%%",
}  # fmt: skip
#: MySQL's specifiers that Trino refuses.
_REFUSED = "DUuVwX"
#: Joda's letters in DuckDB's notation, by the number of letters; the last one is for all larger numbers.
_JODA = {
    "y": ("%-Y", "%y", "%Y", "%Y"), "Y": ("%-Y", "%y", "%Y", "%Y"), "x": ("%G",) * 4,
    "M": ("%-m", "%m", "%b", "%B"), "d": ("%-d", "%d"), "H": ("%-H", "%H"), "h": ("%-I", "%I"),
    "m": ("%-M", "%M"), "s": ("%-S", "%S"), "E": ("%a", "%a", "%a", "%A"), "a": ("%p",),
    "D": ("%-j", "%-j", "%j"), "e": ("%u",), "w": ("%V", "%V"),
}  # fmt: skip
_JODA_PIECE = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+")


class PatternError(ValueError):
    """Trino refuses a pattern; the text is Trino's."""


class UnsupportedPatternError(ValueError):
    """A pattern is right, but DuckDB has nothing for it; the text is the part."""


def mysql(pattern: str) -> str:
    """Translates `%Y-%m-%d %H:%i`.

    Raises:
        PatternError: Trino does not support a specifier.
    """

    def one(match: re.Match[str]) -> str:
        letter = match[1]
        if letter in _REFUSED:
            raise PatternError(f"%{letter} not supported in date format string")
        return _MYSQL.get(letter, letter)

    return re.sub(r"%(.)", one, pattern, flags=re.DOTALL)


def joda(pattern: str, *, parsing: bool = False) -> list[str]:
    """Translates `yyyy-MM-dd'T'HH` into pieces of DuckDB's notation; `Z`, `ZZ` and `ZZZ` stay as they are.

    Args:
        pattern: Joda's.
        parsing: whether it is for reading text, where the number of digits matters less.

    Raises:
        PatternError: a letter has no meaning.
        UnsupportedPatternError: DuckDB has nothing for a part.
    """
    if pattern.replace("''", "").count("'") % 2:
        raise PatternError("Invalid date format string: unterminated quote")
    return [_joda_piece(match[0], match[1], parsing=parsing) for match in _JODA_PIECE.finditer(pattern)]


def _joda_piece(text: str, letter: str | None, *, parsing: bool) -> str:
    if letter is None:
        plain = text if not text.startswith("'") else text[1:-1].replace("''", "'") or "'"
        return plain.replace("%", "%%")
    if letter in "zZ":
        return letter * len(text)
    if letter == "S":
        return _fraction(len(text), parsing=parsing)
    forms = _JODA.get(letter)
    if forms is None:
        if letter in "CGkKnN":
            raise UnsupportedPatternError(text)
        raise PatternError(f"Illegal pattern component: {text}")
    if letter in "yY" and len(text) == 1 and not parsing:
        return "%Y"
    return forms[min(len(text), len(forms)) - 1]


def _fraction(digits: int, *, parsing: bool) -> str:
    if digits == 3:
        return "%g"
    if digits == 6 and not parsing:
        return "%g000"
    raise UnsupportedPatternError("S" * digits)
