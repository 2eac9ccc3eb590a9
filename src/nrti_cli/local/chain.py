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
from nrti_cli.local.api_limits import API
from nrti_cli.local.gateway import Application, Receive, Scope, Send

#: What a request to a REST API passes, and what one to a service of AWS does.
_API_LAYERS = (api_limits, rest_api)
_SERVICE_LAYERS = (
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
    api, service = ministack, ministack
    for layer in reversed(_API_LAYERS):
        api = layer.before(api)
    for other in reversed(_SERVICE_LAYERS):
        service = other.before(service)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        to_an_api = scope["type"] == "http" and API in scope["path"]
        await (api if to_an_api else service)(scope, receive, send)

    return serve
