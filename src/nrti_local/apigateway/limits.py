"""What API Gateway refuses before it looks for a resource: too many headers, and a path with an empty part.

A slash at the end of a path is taken, here as there.
"""

from __future__ import annotations

from urllib.parse import quote

from nrti_local.server.gateway import Application, Receive, Scope, Send, respond

#: In the path of a request to a REST API, before the path that the API knows.
API = "/_user_request_"
#: Of all headers with their names, line ends and blanks, as AWS counts them.
_HEADER_BYTES = 10_240
_BETWEEN = len(": \r\n")

_TOO_LARGE_HEADERS = [
    (b"content-type", b"application/json"),
    (b"x-amzn-errortype", b"RequestHeaderFieldsTooLargeException"),
]
_TOO_LARGE = b'{"message": "Request Header Fields Too Large"}'
#: In the place of an empty part: ministack drops those, and no resource has a part of this name.
_NO_PART = "\x00"


def before(application: Application) -> Application:
    """Refuses such requests to REST APIs, and has the application answer all others."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or API not in scope["path"]:
            await application(scope, receive, send)
        elif _header_bytes(scope) > _HEADER_BYTES:
            await respond(send, 431, _TOO_LARGE_HEADERS, _TOO_LARGE)
        else:
            await application(_without_empty_parts(scope), receive, send)

    return serve


def _header_bytes(scope: Scope) -> int:
    return sum(len(name) + len(value) + _BETWEEN for name, value in scope["headers"])


def _without_empty_parts(scope: Scope) -> Scope:
    """The request for a path that leads to no resource, so that the API says so in its own words."""
    before, _, after = scope["path"].partition(API)
    if "//" not in after:
        return scope
    path = before + API + after.replace("//", f"/{_NO_PART}/")
    return {**scope, "path": path, "raw_path": quote(path).encode()}
