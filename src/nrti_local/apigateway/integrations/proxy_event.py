"""The event that a function gets by an AWS_PROXY integration (payload format 1.0)."""

from __future__ import annotations

import base64
from typing import Any

from nrti_local.apigateway.media_types import matches
from nrti_local.apigateway.request import Request


def of(request: Request) -> dict[str, Any]:
    """Returns the event for a request that has a route."""
    binary = matches(request.content_type, request.api.binary_media_types)
    text = base64.b64encode(request.body).decode() if binary else request.text
    return {
        "version": "1.0",
        "resource": request.context["resourcePath"],
        "path": request.path,
        "httpMethod": request.method,
        "headers": request.headers or None,
        "multiValueHeaders": _multiple(request) or None,
        "queryStringParameters": {name: values[-1] for name, values in request.query.items()} or None,
        "multiValueQueryStringParameters": request.query or None,
        "pathParameters": request.path_parameters or None,
        "stageVariables": request.stage_variables or None,
        "requestContext": _context(request),
        "body": text if request.body else None,
        "isBase64Encoded": binary and bool(request.body),
    }


def _multiple(request: Request) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, value in request.scope["headers"]:
        headers.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return headers


def _context(request: Request) -> dict[str, Any]:
    """`$context` without what only templates use, and with the client behind a proxy."""
    context = {name: value for name, value in request.context.items() if name != "responseOverride"}
    forwarded = request.headers.get("x-forwarded-for", "").split(",", 1)[0].strip()
    if forwarded:
        context["identity"] = {**context["identity"], "sourceIp": forwarded}
    return context
