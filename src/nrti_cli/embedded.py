"""The embedded AWS that belongs to nrti's home directory."""

from pathlib import Path

from nrti_cli.errors import NrtiError
from nrti_cli.home import home
from nrti_local import process
from nrti_local.process import Remedy

#: What to do about its errors, in nrti's commands.
HINTS = {
    Remedy.PLACE: "set NRTI_HOME to another place",
    Remedy.ROOM: "free some space there, or set NRTI_HOME to another place",
    Remedy.LOG: "see nrti local logs",
    Remedy.KILL: "nrti local stop --force ends it at once; what the API has accepted is kept",
    Remedy.RESET: "nrti local reset moves the state aside and begins anew",
    Remedy.START: "run nrti bootstrap",
    Remedy.WAIT: "wait until it is done, then run this again",
}
#: A server keeps the code with which it was started.
RESTART = "run nrti local stop, then nrti bootstrap"


def files(directory: Path | None = None) -> process.Layout:
    """The paths of its files.

    Args:
        directory: a home directory; default nrti's own.
    """
    return process.files(directory or home())


def other_version(running: process.Running) -> str:
    """What it runs if that is not the code of this command, as after an upgrade; empty if it is."""
    from importlib.metadata import version

    installed = version("nrti")
    if running.version == installed:
        return ""
    return f"runs the code of nrti {running.version or 'before this version'}, and {installed} is installed"


def explain(error: process.LocalError) -> NrtiError:
    """An error of its as nrti shows it."""
    return NrtiError(error.message, hint=HINTS[error.remedy] if error.remedy else "")
