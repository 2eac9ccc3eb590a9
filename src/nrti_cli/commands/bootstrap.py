"""The command `nrti bootstrap`."""

from nrti_cli.errors import NrtiError


def bootstrap() -> None:
    """Is being built."""
    raise NrtiError("not built yet")
