"""Refuses what cannot be kept: when the disk is full, nothing is accepted that a restart would not have."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable

from nrti_local.server import protocols
from nrti_local.server.asgi import Application, ClientGoneError, Receive, Scope, Send, read, respond
from nrti_local.server.gateway import is_for_an_api
from nrti_local.server.protocols import Answer, Request

#: SDKs do not try again after this status, as they do after a 500.
_INSUFFICIENT_STORAGE = 507
#: How the names of operations begin that bring nothing to keep.
_LIGHT = (
    "BatchGet", "ChangeMessage", "Delete", "Describe", "Filter", "Get", "Head", "List", "Query", "Receive",
    "Scan", "Search", "Stop", "Untag",
)  # fmt: skip


def before(application: Application, shortage: Callable[[], str]) -> Application:
    """The application, which is asked for what needs room only as long as there is some.

    Args:
        application: answers.
        shortage: says what is wrong with the disk, or nothing.
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        answer = _refusal(scope, shortage) if scope["type"] == "http" else None
        if answer is None:
            await application(scope, receive, send)
            return
        with contextlib.suppress(ClientGoneError):
            await read(receive)  # a client that is still sending would not look at the answer
            await respond(send, *answer)

    return serve


def _refusal(scope: Scope, shortage: Callable[[], str]) -> Answer | None:
    if scope["method"] not in {"POST", "PUT", "PATCH"}:
        return None
    request = None if is_for_an_api(scope) else protocols.request(scope)
    if request and not _needs_room(request):
        return None
    told = shortage()
    if told and request:
        return request.error(_INSUFFICIENT_STORAGE, "InsufficientStorage", told)
    if told and is_for_an_api(scope):  # devices send again what was answered 503
        return 503, [(b"content-type", b"application/json")], json.dumps({"message": told}).encode()
    return None


def _needs_room(request: Request) -> bool:
    """Whether a request brings what has to be kept, as far as its head says; a form is short enough."""
    light = request.target.startswith(_LIGHT) or request.path.endswith("/invocations")
    return not (request.form or light or request.query.startswith("delete"))
