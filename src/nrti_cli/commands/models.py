"""The command `nrti models`."""

from nrti_cli.errors import NrtiError


def models() -> None:
    """Is being built."""
    raise NrtiError("not built yet")
