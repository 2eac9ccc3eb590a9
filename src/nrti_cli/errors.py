"""The error that a user can act on, and the exit codes. Any other exception is a bug."""

from enum import IntEnum

from nrti_cli.characters import printable


class ExitStatus(IntEnum):
    """The exit codes. Click also uses 2 for a wrong command line.

    `NOT_BETTER` is for `nrti train --if-better`: the training succeeded, and the version in service stays.
    130 and 141 are the conventional codes for SIGINT and SIGPIPE. `NO_READER` means that the reader of stdout
    has closed the pipe; it says nothing about the command's result.
    """

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_BETTER = 3
    BUG = 70
    INTERRUPTED = 130
    NO_READER = 141


class NrtiError(Exception):
    """An error that the user can fix.

    Args:
        message: where and what went wrong, without a full stop at the end.
        hint: what to do, in the imperative, preferably a command to type.
        exit_status: the exit code of the process.
    """

    def __init__(self, message: str, *, hint: str = "", exit_status: ExitStatus = ExitStatus.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_status = exit_status

    def __str__(self) -> str:
        """The error as one line, `message: hint`."""
        return printable(" ".join(": ".join(filter(None, (self.message, self.hint))).split()))


class UsageError(NrtiError):
    """A wrong option or argument, found before anything was done."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint, exit_status=ExitStatus.USAGE)
