"""Saves what some services accepted before they acknowledge it.

A kill loses what was changed since the last periodic snapshot. Schedules, parameters and secrets change
rarely and must not be lost, so a request that changes one is answered when a snapshot has the change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from nrti_local.server.asgi import Application, Receive, Scope, Send
from nrti_local.server.layers import protocols
from nrti_local.server.layers.protocols import Request

#: By the names with which requests are signed.
_SERVICES = {"scheduler", "secretsmanager", "ssm"}
#: Prefixes of the operations that change nothing.
_READS = ("BatchGet", "Describe", "Get", "List")

#: Saves the present state.
Save = Callable[[], Awaitable[object]]


class Acknowledgements:
    """Lets requests that arrive while a snapshot is taken share the next one."""

    def __init__(self) -> None:
        self._save: Save | None = None
        self._next: asyncio.Task[None] | None = None
        self._running: asyncio.Task[None] | None = None

    def use(self, save: Save) -> None:
        """Saves by this function from now on; without one, nothing is saved."""
        self._save = save

    async def saved(self) -> None:
        """Returns when a snapshot that began after this call is complete."""
        if self._save is None:
            return
        if self._next is None:
            self._next = asyncio.create_task(self._take(self._save, self._running))
        await asyncio.shield(self._next)

    async def _take(self, save: Save, before: asyncio.Task[None] | None) -> None:
        if before:
            await asyncio.wait([before])
        self._running, self._next = self._next, None
        await save()


ACKNOWLEDGEMENTS = Acknowledgements()


def before(ministack: Application) -> Application:
    """Delays the answers to requests that change one of these services."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = protocols.request(scope) if scope["type"] == "http" else None
        if request is None or not _changes(request):
            await ministack(scope, receive, send)
            return
        messages: list[MutableMapping[str, Any]] = []

        async def keep(message: MutableMapping[str, Any]) -> None:
            messages.append(message)

        await ministack(scope, receive, keep)
        await ACKNOWLEDGEMENTS.saved()
        for message in messages:
            await send(message)

    return serve


def _changes(request: Request) -> bool:
    if request.service not in _SERVICES:
        return False
    return not request.target.startswith(_READS) if request.target else request.method != "GET"
