"""The command `nrti teardown`."""

from nrti_cli.errors import NrtiError


def teardown() -> None:
    """Is being built."""
    raise NrtiError("not built yet")
