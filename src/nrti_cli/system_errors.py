"""Turns errors of the operating system into one-line messages that a user can act on."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.home import home

_HINTS = {
    errno.ENOSPC: "free some disk space",
    errno.EDQUOT: "free some of your disk quota",
    errno.EACCES: "check its owner and permissions",
    errno.EPERM: "check its owner and permissions",
    errno.EROFS: "use a writable place",
    errno.EMFILE: "raise the limit with ulimit -n",
}


def explain(error: Exception) -> NrtiError | None:
    """Returns the error for the user, or None if it is not an error of the operating system."""
    if isinstance(error, OverflowError):
        return UsageError("a number is too large", hint="use a smaller one")
    if not isinstance(error, OSError):
        return None
    if error.filename is None:
        return _nameless(error)
    message = f"{os.fsdecode(error.filename)}: {_words(error)}"
    hint = "set NRTI_HOME to another place" if _is_ours(error.filename) else _HINTS.get(error.errno or 0, "")
    return NrtiError(message, hint=hint)


def _nameless(error: OSError) -> NrtiError:
    try:
        Path.cwd()
    except OSError:
        return NrtiError("the working directory no longer exists", hint="cd to another one")
    return NrtiError(f"the system refuses: {_words(error)}", hint=_HINTS.get(error.errno or 0, ""))


def _words(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__


def _is_ours(name: str | bytes | int) -> bool:
    """Whether the file is in nrti's own directory."""
    try:
        return not isinstance(name, int) and Path(os.fsdecode(name)).is_relative_to(home())
    except (NrtiError, OSError):
        return False
