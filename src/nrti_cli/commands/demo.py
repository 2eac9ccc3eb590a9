"""The command `nrti demo`."""

from nrti_cli.errors import NrtiError


def demo() -> None:
    """Is being built."""
    raise NrtiError("not built yet")
