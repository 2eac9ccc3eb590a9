"""HTTP/2 without TLS, which the AWS SDK for JavaScript uses for Kinesis, served by hypercorn."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config

#: The first bytes of a connection whose client knows that the server speaks HTTP/2 (RFC 9113, 3.4).
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#: The head of a frame: the length of its content in three bytes, its type, its flags and its stream (4.1).
_HEAD = 9
_GOAWAY = 7
_serving: set[asyncio.Task[None]] = set()


def take_over(transport: asyncio.Transport, app: Any, received: bytes) -> None:
    """Serves the rest of a connection.

    Args:
        transport: of the connection.
        app: an ASGI application.
        received: what has come in so far, from PREFACE on.
    """
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    protocol.connection_made(transport)
    transport.set_protocol(protocol)
    reader.feed_data(received)
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    asked = cast("asyncio.StreamReader", WithoutGoaway(reader))
    server = TCPServer(ASGIWrapper(app), loop, Config(), WorkerContext(None), {}, asked, writer)
    task = loop.create_task(server.run())
    _serving.add(task)
    task.add_done_callback(_serving.discard)


class WithoutGoaway:
    """What a client sends, without the frame that announces the end of its requests (GOAWAY).

    The SDK sends that frame while it waits for the answer. The h2 library takes it for the end of the
    connection and cuts the answer off.
    """

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._pending = bytearray()
        self._begun = False

    def at_eof(self) -> bool:
        """Whether everything was read."""
        return self._reader.at_eof()

    async def read(self, size: int) -> bytes:
        """The next complete frames; empty at the end."""
        while True:
            data = await self._reader.read(size)
            self._pending += data
            frames = b"".join(self._frames())
            if frames or not data:
                return frames

    def _frames(self) -> list[bytes]:
        found = []
        while end := self._end():
            if not self._begun or self._pending[3] != _GOAWAY:
                found.append(bytes(self._pending[:end]))
            del self._pending[:end]
            self._begun = True
        return found

    def _end(self) -> int:
        """The end of the preface or the next frame; 0 if it is incomplete."""
        end = _HEAD + int.from_bytes(self._pending[:3], "big") if self._begun else len(PREFACE)
        return end if len(self._pending) >= max(end, _HEAD) else 0
