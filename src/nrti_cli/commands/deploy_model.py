"""The command `nrti deploy-model`."""

from nrti_cli.errors import NrtiError


def deploy_model() -> None:
    """Is being built."""
    raise NrtiError("not built yet")
