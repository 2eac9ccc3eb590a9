"""The error a user can act on, and the exit codes. Everything else that is raised is a bug."""

from enum import IntEnum

from nrti_cli.characters import printable


class ExitStatus(IntEnum):
    """What a shell sees. 2 is also what Click gives to a wrong command line.

    130 and 141 are the custom for SIGINT and SIGPIPE: `NO_READER` says that stdout's reader has gone, and
    nothing of what the command would have found out.
    """

    OK = 0
    FAILED = 1
    USAGE = 2
    BUG = 70
    INTERRUPTED = 130
    NO_READER = 141


class NrtiError(Exception):
    """Something the user can put right.

    Args:
        message: where and what went wrong, without a closing full stop.
        hint: what to do about it; an imperative, ideally a command to type.
        exit_status: the process's exit code.
    """

    def __init__(self, message: str, *, hint: str = "", exit_status: ExitStatus = ExitStatus.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_status = exit_status

    def __str__(self) -> str:
        """The one line that is shown, `message: hint`, whatever the parts brought along."""
        return printable(" ".join(": ".join(filter(None, (self.message, self.hint))).split()))


class UsageError(NrtiError):
    """An option or argument that cannot be right, found before anything was done."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint, exit_status=ExitStatus.USAGE)
