"""What a request passes on its way to ministack, from the outside in.

Import it when the environment is set: it imports ministack, which reads its settings then.
"""

from __future__ import annotations

from nrti_cli.local import checksums, corrections, managed_key, refusals, rest_api
from nrti_cli.local.gateway import Application


def before(ministack: Application) -> Application:
    """The application with all that answers or changes requests before it."""
    services = checksums.before(corrections.before(ministack))
    return rest_api.before(managed_key.before(refusals.before(services)))
