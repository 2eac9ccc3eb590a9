"""Counts as people read them."""


def show_count(count: int, noun: str) -> str:
    """`1 event`, `2,000 events`: a noun whose plural takes an s."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
