"""The command `nrti tail`."""

from nrti_cli.errors import NrtiError


def tail() -> None:
    """Is being built."""
    raise NrtiError("not built yet")
