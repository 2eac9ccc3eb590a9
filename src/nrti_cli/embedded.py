"""The embedded AWS that belongs to nrti's home directory."""

from pathlib import Path

from nrti_cli.home import home
from nrti_local import process


def files(directory: Path | None = None) -> process.Layout:
    """The paths of its files.

    Args:
        directory: a home directory; default nrti's own.
    """
    return process.files(directory or home())
