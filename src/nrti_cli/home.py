"""The directory that holds what nrti remembers: `$NRTI_HOME`, else the user's state directory."""

import os
from pathlib import Path

import platformdirs

from nrti_cli.errors import NrtiError


def home() -> Path:
    """The directory; the first command that writes there makes it.

    Raises:
        NrtiError: the user has no home directory to put it in, or a file is in its place or above it.
    """
    configured = os.environ.get("NRTI_HOME")
    try:
        found = Path(configured).expanduser() if configured else platformdirs.user_state_path("nrti")
    except RuntimeError:  # NRTI_HOME begins with a ~ that means nothing
        found = Path("~")
    if found.parts[:1] == ("~",):  # as it stays when neither HOME nor the user database has a directory
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
