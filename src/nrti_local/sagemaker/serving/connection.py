"""The connection to a worker process."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

from nrti_local.sagemaker.serving.errors import ReplicaError
from nrti_local.server.shared.framing import PREFIX, pack

Message = tuple[dict[str, Any], bytes]


class Connection(asyncio.Protocol):
    """Sends one message at a time and waits for its answer."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is ready."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without being a subclass

    def data_received(self, data: bytes) -> None:
        """Resolves the pending answer when the message is complete."""
        self._buffer += data
        if len(self._buffer) < PREFIX.size:
            return
        head, body = PREFIX.unpack_from(self._buffer)
        end = PREFIX.size + head + body
        if len(self._buffer) >= end and not self._answer.done():
            header = json.loads(self._buffer[PREFIX.size : PREFIX.size + head])
            self._answer.set_result((header, bytes(self._buffer[PREFIX.size + head : end])))
            del self._buffer[:end]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """The worker ended."""
        self.lost.set()
        if not self._answer.done():
            self._answer.set_exception(ReplicaError("the worker process ended"))
            self._answer.exception()  # marks it as retrieved: there may be no waiter

    async def ready(self) -> None:
        """Waits until the model is loaded.

        Raises:
            ReplicaError: the worker ended before.
        """
        await self._answer

    async def ask(self, header: dict[str, Any], body: bytes) -> Message:
        """Sends a request and waits for its answer.

        Raises:
            ReplicaError: the worker ended before it answered.
        """
        if self._transport is None or self.lost.is_set():
            raise ReplicaError("the worker process ended")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(pack(header, body))
        return await self._answer

    def close(self) -> None:
        """Closes the socket, which ends the worker."""
        if self._transport:
            self._transport.close()
