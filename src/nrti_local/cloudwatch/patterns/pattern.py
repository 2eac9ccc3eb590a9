"""The interface of filter patterns, and the error for a malformed one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class InvalidPatternError(ValueError):
    """A filter pattern is malformed; the message is AWS's text."""


class Pattern(Protocol):
    """A filter pattern."""

    def extracted(self, message: str) -> Mapping[str, str] | None:
        """The values that the pattern names, by selector, such as `$.status`; None if it does not match."""

    def value(self, message: str, selector: str) -> object:
        """What a selector, such as `$.latency` or `$bytes`, selects in a message; None if nothing."""
