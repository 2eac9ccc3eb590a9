"""Formats counts for people."""


def show_count(count: int, noun: str) -> str:
    """`1 event`, `2,000 events`: for nouns whose plural ends in s."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
