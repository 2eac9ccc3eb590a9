"""The layers that a request passes on its way to ministack, from the outside in.

Import it when the environment is set: it imports ministack, which reads its settings then.
"""

from __future__ import annotations

from nrti_local.apigateway import invoke_urls
from nrti_local.apigateway.service import Service as ApiGateway
from nrti_local.athena import service as athena
from nrti_local.cloudformation import template_urls
from nrti_local.durability import acknowledged
from nrti_local.glue import partitions, tables
from nrti_local.lambda_ import service as lambda_
from nrti_local.s3 import checksums, managed_key, multipart
from nrti_local.server import lifespan
from nrti_local.server.asgi import Application
from nrti_local.server.layers import checks, corrections, refusals
from nrti_local.server.shared import changes
from nrti_local.stepfunctions import service as stepfunctions

#: What a request to a service of AWS passes; one to a REST API passes none of them.
_LAYERS = (
    lifespan,
    changes,
    acknowledged,
    athena,
    lambda_,
    managed_key,
    invoke_urls,
    refusals,
    checks,
    corrections,
    tables,
    partitions,
    template_urls,
    multipart,
    checksums,
    stepfunctions,
)


def before(ministack: Application) -> Application:
    """Returns the application with all layers that answer or change requests before it."""
    services = ministack
    for layer in reversed(_LAYERS):
        services = layer.before(services)
    return ApiGateway(ministack, services)
