"""What the operating system refuses, said as one line that a user can act on."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.home import home

_HINTS = {
    errno.ENOSPC: "free some space on its disk",
    errno.EDQUOT: "free some space of your quota",
    errno.EACCES: "check its owner and its permissions",
    errno.EPERM: "check its owner and its permissions",
    errno.EROFS: "name a place that can be written",
    errno.EMFILE: "raise the limit with ulimit -n",
}


def explain(error: Exception) -> NrtiError | None:
    """The user's side of an exception of the system's, or None when it is not one."""
    if isinstance(error, OverflowError):
        return UsageError("a number is too large", hint="use a smaller one")
    if not isinstance(error, OSError):
        return None
    if error.filename is None:
        return _nameless(error)
    said = f"{os.fsdecode(error.filename)}: {_words(error)}"
    hint = "set NRTI_HOME to another place" if _is_ours(error.filename) else _HINTS.get(error.errno or 0, "")
    return NrtiError(said, hint=hint)


def _nameless(error: OSError) -> NrtiError:
    try:
        Path.cwd()
    except OSError:
        return NrtiError("the working directory does not exist any more", hint="cd to another")
    return NrtiError(f"the system refuses: {_words(error)}", hint=_HINTS.get(error.errno or 0, ""))


def _words(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__


def _is_ours(name: str | bytes | int) -> bool:
    """Whether a file is one of those that nrti keeps for itself."""
    try:
        return not isinstance(name, int) and Path(os.fsdecode(name)).is_relative_to(home())
    except (NrtiError, OSError):
        return False
