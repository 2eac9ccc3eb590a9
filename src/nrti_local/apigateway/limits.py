"""Limits that API Gateway checks before it looks for an API: too many headers."""

from __future__ import annotations

from nrti_local.apigateway.response import Response
from nrti_local.server.asgi import Scope

#: Of all headers with their names, line ends and blanks, as AWS counts them.
_HEADER_BYTES = 10_240
_BETWEEN = len(": \r\n")
_TOO_LARGE = {
    "content-type": "application/json",
    "x-amzn-errortype": "RequestHeaderFieldsTooLargeException",
}


def refusal(scope: Scope) -> Response | None:
    """Returns the answer to a request whose headers are longer than 10,240 bytes; None for all others."""
    if sum(len(name) + len(value) + _BETWEEN for name, value in scope["headers"]) <= _HEADER_BYTES:
        return None
    return Response(431, dict(_TOO_LARGE), b'{"message": "Request Header Fields Too Large"}')
