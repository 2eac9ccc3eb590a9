"""The command `nrti status`."""

from nrti_cli.errors import NrtiError


def status() -> None:
    """Is being built."""
    raise NrtiError("not built yet")
