"""Sequences of numbers as people read them, and as they have them in files."""

from collections.abc import Sequence

_SHOWN = 5


def show_sequence(data: Sequence[float]) -> str:
    """The numbers in brackets: `[3, 97, 12]`; of a long one the ends and the length: `[1, 2, … 9] (128)`."""
    numbers = [f"{number:.5g}" for number in data]
    if len(numbers) <= _SHOWN:
        return f"[{', '.join(numbers)}]"
    return f"[{', '.join(numbers[:2])}, … {numbers[-1]}] ({len(numbers)})"


def other_separator(header: str) -> str | None:
    """What stands in a CSV file's header where commas should; None if they do."""
    return next((mark for mark in ";\t|" if mark in header), None) if "," not in header else None
