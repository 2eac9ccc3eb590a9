"""The embedded AWS of nrti's home directory."""

from pathlib import Path

from nrti_cli.home import home
from nrti_local import process


def files(directory: Path | None = None) -> process.Layout:
    """Where it keeps its files.

    Args:
        directory: a home directory; nrti's if left out.
    """
    return process.files(directory or home())
