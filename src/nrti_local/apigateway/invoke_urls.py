"""Rewrites the addresses of REST APIs in CloudFormation's answers: an API here has a path, not a host."""

from __future__ import annotations

import re

from nrti_local.server.asgi import Application, Receive, Scope, Send, respond
from nrti_local.server.layers import protocols
from nrti_local.server.layers.inner_requests import answer_of

_ON_AWS = re.compile(rb"https://([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com/([\w-]+)")


def before(ministack: Application) -> Application:
    """Makes the outputs of stacks name the addresses at which their APIs answer."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = protocols.request(scope) if scope["type"] == "http" else None
        if request is None or request.service != "cloudformation":
            await ministack(scope, receive, send)
            return
        status, headers, body = await answer_of(ministack, scope, receive)
        await respond(send, status, headers, _rewritten(body, _host(scope)))

    return serve


def _host(scope: Scope) -> bytes:
    return next((value for name, value in scope["headers"] if name == b"host"), b"127.0.0.1")


def _rewritten(body: bytes, host: bytes) -> bytes:
    return _ON_AWS.sub(rb"http://" + host + rb"/restapis/\1/\2/_user_request_", body)
