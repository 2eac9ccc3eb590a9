"""Sequences of numbers as people read them."""

from collections.abc import Sequence

_SHOWN = 5


def show_sequence(data: Sequence[float]) -> str:
    """The numbers in brackets: `[3, 97, 12]`; of a long one the ends and the length: `[1, 2, … 9] (128)`."""
    numbers = [f"{number:.5g}" for number in data]
    if len(numbers) <= _SHOWN:
        return f"[{', '.join(numbers)}]"
    return f"[{', '.join(numbers[:2])}, … {numbers[-1]}] ({len(numbers)})"
