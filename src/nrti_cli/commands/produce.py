"""The command `nrti produce`."""

from nrti_cli.errors import NrtiError


def produce() -> None:
    """Is being built."""
    raise NrtiError("not built yet")
