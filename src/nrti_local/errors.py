"""The errors of the embedded AWS that a person can act on."""

from __future__ import annotations

from enum import Enum


class Remedy(Enum):
    """What to do about an error, in the words of `python -m nrti_local`.

    Programs that start the embedded AWS by other commands have words of their own for each.
    """

    PLACE = "choose another directory with --home"
    ROOM = "free some space there, or choose another directory with --home"
    LOG = "its log says more"
    KILL = "end that process with kill -9; what the API has accepted is kept"
    RESET = "move its directory state aside to begin anew"
    START = "start it first"
    WAIT = "wait until it is done, then run this again"


class LocalError(Exception):
    """The embedded AWS cannot do what it was asked for.

    Args:
        message: where and what went wrong, without a closing full stop.
        remedy: what to do about it.
    """

    def __init__(self, message: str, remedy: Remedy | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        """The one line that is shown: `message: remedy`."""
        return f"{self.message}: {self.remedy.value}" if self.remedy else self.message
