"""What a request passes on its way to ministack, from the outside in.

Import it when the environment is set: it imports ministack, which reads its settings then.
"""

from __future__ import annotations

from nrti_cli.local import (
    api_limits,
    checks,
    checksums,
    corrections,
    invoke_urls,
    managed_key,
    multipart,
    refusals,
    rest_api,
    shard_pages,
)
from nrti_cli.local.gateway import Application

_LAYERS = (
    api_limits,
    rest_api,
    managed_key,
    invoke_urls,
    refusals,
    checks,
    corrections,
    shard_pages,
    multipart,
    checksums,
)


def before(ministack: Application) -> Application:
    """The application with all that answers or changes requests before it."""
    application = ministack
    for layer in reversed(_LAYERS):
        application = layer.before(application)
    return application
