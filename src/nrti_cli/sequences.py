"""Parses and formats sequences of numbers."""

import math
from collections.abc import Sequence
from contextlib import suppress

_SHOWN = 5


#: Numbers, or lists of equal length with the channels at each time.
Data = Sequence[float] | Sequence[Sequence[float]]


def size(data: Data) -> int:
    """The total number of values in a sequence."""
    return sum(len(each) if isinstance(each, Sequence) else 1 for each in data)


def show_sequence(data: Data) -> str:
    """Formats a sequence: `[3, 97, 12]`; a long one by its ends and its length, `[1, 2, … 9] (128)`.

    With several channels, the first and the last time: `[[60, 5], … [61, 4]] (30 x 2)`.
    """
    if nested := [each for each in data if isinstance(each, Sequence)]:
        first, last = show_sequence(nested[0]), show_sequence(nested[-1])
        return f"[{first}, … {last}] ({len(nested)} x {len(nested[0])})"
    numbers = [f"{number:.5g}" for number in data if not isinstance(number, Sequence)]
    if len(numbers) <= _SHOWN:
        return f"[{', '.join(numbers)}]"
    return f"[{', '.join(numbers[:2])}, … {numbers[-1]}] ({len(numbers)})"


def parse_number(text: str) -> int | float:
    """Parses a finite number; an integer if it is written as one.

    Raises:
        ValueError: it is not a finite number.
    """
    with suppress(ValueError):
        return int(text)
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{text} is not a finite number")
    return value
