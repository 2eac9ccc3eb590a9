"""Errors about a file: one line with the position, however much the file contains."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from nrti_cli.errors import NrtiError

_LONGEST_VALUE = 32
_LONGEST_PROBLEM = 180


def quoted(value: object) -> str:
    """A value for a message, shortened."""
    return _shortened(repr(value), _LONGEST_VALUE)


def listed(names: Iterable[object], most: int = 4) -> str:
    """The first of some names, and the number of the others."""
    every = list(names)
    shown = ", ".join(quoted(name) for name in islice(every, most))
    return f"{shown} and {len(every) - most} more" if len(every) > most else shown or "none"


class MissingValue(NrtiError):  # noqa: N818 (it is what is wrong with the file)
    """A value is missing, perhaps the first of many."""


def unfit(shown: str, what: str, hint: str) -> NrtiError:
    """An error about a whole file, which completes the sentence that begins with its name."""
    return NrtiError(f"{shown} {what}", hint=hint)


def fault(place: str, problem: str, hint: str = "correct the file") -> NrtiError:
    """An error at a position such as `data.csv, line 7`."""
    return NrtiError(f"{place}: {_shortened(problem, _LONGEST_PROBLEM)}", hint=hint)


def missing_value(place: str, others: str = "") -> MissingValue:
    """An error for a missing value."""
    hint = "fill it in, or add --missing drop, ffill or keep"
    return MissingValue(f"{place}: the value is missing{others}", hint=hint)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
