"""Refuses requests while the disk is full: nothing is accepted that a restart would lose."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable

from nrti_local.server.asgi import Application, ClientGoneError, Receive, Scope, Send, read, respond
from nrti_local.server.gateway import is_for_an_api
from nrti_local.server.layers import protocols
from nrti_local.server.layers.protocols import RawAnswer, Request

#: SDKs do not retry after this status, as they do after a 500.
_INSUFFICIENT_STORAGE = 507
#: Prefixes of the operations that store nothing.
_LIGHT = (
    "BatchGet", "ChangeMessage", "Delete", "Describe", "Filter", "Get", "Head", "List", "Query", "Receive",
    "Scan", "Search", "Stop", "Untag",
)  # fmt: skip


def before(application: Application, shortage: Callable[[], str]) -> Application:
    """Refuses requests that store something while there is no space.

    Args:
        application: answers all other requests.
        shortage: why nothing more fits on the disk, or an empty text.
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        answer = _refusal(scope, shortage) if scope["type"] == "http" else None
        if answer is None:
            await application(scope, receive, send)
            return
        with contextlib.suppress(ClientGoneError):
            await read(receive)  # a client reads the answer once it has sent its body
            await respond(send, *answer)

    return serve


def _refusal(scope: Scope, shortage: Callable[[], str]) -> RawAnswer | None:
    if scope["method"] not in {"POST", "PUT", "PATCH"}:
        return None
    request = None if is_for_an_api(scope) else protocols.request(scope)
    if request and not _stores(request):
        return None
    reason = shortage()
    if reason and request:
        return request.error(_INSUFFICIENT_STORAGE, "InsufficientStorage", reason)
    if reason and is_for_an_api(scope):  # producers retry after a 503
        return 503, [(b"content-type", b"application/json")], json.dumps({"message": reason}).encode()
    return None


def _stores(request: Request) -> bool:
    """Whether a request stores something, judged by its method and headers; a form is small enough."""
    light = request.target.startswith(_LIGHT) or request.path.endswith("/invocations")
    return not (request.form or light or request.query.startswith("delete"))
