"""The errors that the runtime finds itself."""

from __future__ import annotations


class FaultError(Exception):
    """An error with the name that AWS gives it.

    Args:
        kind: such as `Runtime.MarshalError`.
        message: what went wrong.
        trace: lines of the stack trace.
    """

    def __init__(self, kind: str, message: str, trace: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace
