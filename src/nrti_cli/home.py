"""The directory where nrti keeps its state: `$NRTI_HOME`, else the user's state directory."""

import os
from pathlib import Path

import platformdirs

from nrti_cli.errors import NrtiError


def home() -> Path:
    """The directory. It is created when a command first writes to it.

    Raises:
        NrtiError: the user has no home directory, or a file is in the way.
    """
    configured = os.environ.get("NRTI_HOME")
    try:
        found = Path(configured).expanduser() if configured else platformdirs.user_state_path("nrti")
    except RuntimeError:  # NRTI_HOME begins with ~ and an unknown user
        found = Path("~")
    if found.parts[:1] == ("~",):  # neither HOME nor the user database has a home directory
        raise NrtiError("there is no home directory to keep files in", hint="set NRTI_HOME")
    return _directory(found.absolute())


def _directory(path: Path) -> Path:
    there = next(each for each in (path, *path.parents) if os.path.lexists(each))
    if not there.is_dir():
        why = "it" if there == path else there
        raise NrtiError(
            f"nrti cannot keep its files in {path}: {why} is not a directory", hint="set NRTI_HOME to one"
        )
    return path
