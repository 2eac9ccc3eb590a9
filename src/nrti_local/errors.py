"""The errors of the embedded AWS that a person can act on."""

from __future__ import annotations


class LocalError(Exception):
    """The embedded AWS cannot do what it was asked for.

    Args:
        message: where and what went wrong, without a closing full stop.
        hint: what to do about it.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """The one line that is shown: `message: hint`."""
        return ": ".join(filter(None, (self.message, self.hint)))
