"""HTTP as uvicorn speaks it, but for three things.

The head of an answer and its body leave in one piece: uvicorn hands them on one after the other, and uvloop
sends at once what it gets: two packets, and whoever waits for the answer is woken up by each of them. And a
client that has ended its side of the connection gets its answer, where uvicorn hangs up. HTTP/2 is
served, too.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: How a connection of HTTP/2 begins.
_HTTP2 = b"PRI * HTTP/2.0"


class HttpProtocol(HttpToolsProtocol):
    """Serves one connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begins, on a transport that waits for the body."""
        self._socket = transport
        super().connection_made(cast("asyncio.Transport", _Pairing(transport, self.loop)))

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn always hangs up
        """Answers a client that has ended its side behind its request; one that left within it has gone.

        Returns:
            Whether the connection stays open, for the answer.
        """
        cycle = self.cycle
        waits = cycle is not None and not cycle.response_complete and not cycle.more_body
        if waits:
            cycle.keep_alive = False
        return waits

    def data_received(self, data: bytes) -> None:
        """Reads requests, or hands the connection on that begins as one of HTTP/2."""
        if not data.startswith(_HTTP2):
            super().data_received(data)
            return
        from nrti_local.server import http2

        self.connections.discard(self)
        http2.take_over(self._socket, self.app, data)


class _Pairing:
    """A transport that holds a piece until another follows, or the loop turns."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._transport.writelines([held, data] if data else [held])
        elif data:
            self._held = data
            self._loop.call_soon(self._send)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        held, self._held = self._held, b""
        if held and not self._transport.is_closing():
            self._transport.write(held)
