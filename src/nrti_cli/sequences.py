"""Sequences of numbers as people read and write them."""

import math
from collections.abc import Sequence
from contextlib import suppress

_SHOWN = 5


def show_sequence(data: Sequence[float]) -> str:
    """The numbers in brackets: `[3, 97, 12]`; of a long one the ends and the length: `[1, 2, … 9] (128)`."""
    numbers = [f"{number:.5g}" for number in data]
    if len(numbers) <= _SHOWN:
        return f"[{', '.join(numbers)}]"
    return f"[{', '.join(numbers[:2])}, … {numbers[-1]}] ({len(numbers)})"


def parse_number(text: str) -> int | float:
    """A finite number, whole if it is written so.

    Raises:
        ValueError: it is none.
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
