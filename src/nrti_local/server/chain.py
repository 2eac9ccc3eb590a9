"""What a request passes on its way to ministack, from the outside in.

Import it when the environment is set: it imports ministack, which reads its settings then.
"""

from __future__ import annotations

from nrti_local.apigateway import invoke_urls, rest_api
from nrti_local.apigateway import limits as api_limits
from nrti_local.apigateway.limits import API
from nrti_local.cloudwatch import log_pages
from nrti_local.kinesis import shard_pages
from nrti_local.lambda_ import service as lambda_
from nrti_local.s3 import checksums, managed_key, multipart
from nrti_local.server import changes, checks, corrections, lifespan, refusals
from nrti_local.server.gateway import Application, Receive, Scope, Send

#: What a request to a REST API passes, and what one to a service of AWS does.
_API_LAYERS = (api_limits, rest_api)
_SERVICE_LAYERS = (
    lifespan,
    changes,
    lambda_,
    managed_key,
    invoke_urls,
    refusals,
    checks,
    corrections,
    shard_pages,
    log_pages,
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
