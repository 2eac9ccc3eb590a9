"""The command `nrti query`."""

from nrti_cli.errors import NrtiError


def query() -> None:
    """Is being built."""
    raise NrtiError("not built yet")
