"""Detects the dialect of a CSV file: its separator, and whether it has a header."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from nrti_cli.tables.faults import fault, listed, quoted
from nrti_cli.tables.formats.form import BLANKS
from nrti_cli.tables.roles import FIELDS
from nrti_cli.tables.schema import LABEL

#: A value may be as long as a line, not 128 kB as in Python's module.
csv.field_size_limit(2**31 - 1)
_SEPARATORS = (",", ";", "\t", "|")


def split(line: str, separator: str) -> list[str]:
    """The values of a line, without surrounding blanks."""
    if separator == BLANKS:
        line = " ".join(line.split())
    try:
        return [value.strip() for value in next(csv.reader(io.StringIO(line), delimiter=separator), [])]
    except csv.Error:  # a carriage return within the line
        return [line]


def separator_of(lines: Sequence[str]) -> str:
    """The separator of the first lines: the one with the most columns, and as many in each line."""

    def columns(separator: str) -> set[int]:
        return {len(split(line, separator)) for line in lines}

    counts = {separator: columns(separator) for separator in _SEPARATORS}
    alike = {separator: max(found) for separator, found in counts.items() if len(found) == 1}
    best = max(alike, key=lambda separator: alike[separator], default=",")
    if alike.get(best, 1) > 1:
        return best
    # Names may contain blanks, so blanks are separators only if nothing else is.
    if any(len(found) > 1 for found in counts.values()):
        return max(counts, key=lambda separator: len(split(lines[0], separator)))
    found = columns(BLANKS)
    return BLANKS if len(found) == 1 and max(found) > 1 else ","


def header(names: Sequence[str]) -> list[str]:
    """The names of the columns; one without a name is called as in pandas, by its position from 0."""
    return [name or f"Unnamed: {place}" for place, name in enumerate(names)]


def check_names(shown: str, line: int, names: Sequence[str], values: Sequence[str] | None) -> None:
    """Refuses a header that looks like values: a row would be lost silently.

    Args:
        shown: the file's name for messages.
        line: the number of the first line.
        names: the values of the first line.
        values: those of the next line, None if there is none.

    Raises:
        NrtiError: it has no names, or a name twice.
    """
    place = f"{shown}, line {line}"
    if not _are_names(names, values):
        hint = "write the names above the values, or add --no-header"
        raise fault(place, f"it has values instead of names: {listed(names)}", hint)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        called = f"are called {quoted(twice)}" if twice else "have no name"
        raise fault(place, f"two columns {called}", "name every column once")


def _are_names(names: Sequence[str], values: Sequence[str] | None) -> bool:
    """Whether they are names. Numbers can be names if they ascend and one name is a word or empty."""
    numbers = [float(name) for name in names if _is_number(name)]
    if len(numbers) == len(names) or any(map(_is_time, names)):
        return False
    if not numbers or values is None:
        return True
    rising = all(one < next_ for one, next_ in pairwise(numbers))
    # A word above a number is a name; above another word it may be a value, unless it is a known name.
    known = {"", LABEL, *FIELDS}
    return rising and any(
        name in known or (not _is_number(name) and (_is_number(value) or _is_time(value)))
        for name, value in zip(names, values, strict=False)
    )


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return not text.isdigit()
