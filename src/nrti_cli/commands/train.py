"""The command `nrti train`."""

from nrti_cli.errors import NrtiError


def train() -> None:
    """Is being built."""
    raise NrtiError("not built yet")
