"""The time and the scanned bytes of an Athena query, as a line below its result."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nrti_cli.aws.athena import Execution


def effort(execution: "Execution", *, billed: bool) -> str:
    """The time of a query, the bytes that it read, and its cost if it is billed."""
    parts = [f"{execution.milliseconds / 1000:.2f} s", f"{_size(execution.scanned)} scanned"]
    if billed and execution.is_query:
        parts.append(f"about ${execution.dollars:.5f}")
    return " · ".join(parts)


def _size(count: int) -> str:
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.2f} TB"
