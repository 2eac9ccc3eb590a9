"""The time of day in the form that AWS writes it."""

from datetime import UTC, datetime


def now_iso() -> str:
    """The current time, such as `2026-01-31T12:00:00.123Z`; each state of a workflow is stamped with it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
