"""The ASGI application: the control plane, the runtime and the readiness check on one port."""

from __future__ import annotations

import contextlib

from nrti_local.sagemaker import control, runtime
from nrti_local.sagemaker.http import Response, fault_headers, json_response, respond
from nrti_local.sagemaker.services import Services
from nrti_local.sagemaker.settings import Settings
from nrti_local.server.asgi import ClientGoneError, Receive, Scope, Send
from nrti_local.server.shared.errors import ServiceError


class App:
    """Serves all accounts and regions, from the server's startup to its shutdown."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._services: Services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection event."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            with contextlib.suppress(ClientGoneError):  # an incomplete request must not take effect
                await respond(send, await self._answer(scope, receive))

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        method, path = scope["method"], scope["path"]
        if method == "POST":
            invoked = runtime.PATH.fullmatch(path)
            if invoked:
                return await runtime.answer(self._services.of(scope), scope, receive, *invoked.groups())
            if path == "/":
                return await control.answer(self._services.of(scope), scope, receive)
        if method == "GET" and path == "/health":
            return json_response(200, {"status": "ok"}, "application/json")
        absent = ServiceError("UnknownOperationException", f"{method} {path} is not in the embedded AWS")
        return json_response(404, {"message": absent.message}, "application/json", fault_headers(absent))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._services = Services(self._settings)
        self._services.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._services.stop()
        await send({"type": "lifespan.shutdown.complete"})
