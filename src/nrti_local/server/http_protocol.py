"""HTTP as uvicorn speaks it, with three differences.

- The head of an answer and its body leave in one packet. uvicorn writes them separately, uvloop sends each
  write at once, and the client wakes up twice.
- A client that has closed its sending side gets its answer; uvicorn hangs up.
- HTTP/2 is served as well.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: The first bytes of a connection with HTTP/2.
_HTTP2 = b"PRI * HTTP/2.0"


class HttpProtocol(HttpToolsProtocol):
    """Serves one connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begins a connection, whose writes are paired."""
        self._socket = transport
        super().connection_made(cast("asyncio.Transport", _Pairing(transport, self.loop)))

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn always hangs up
        """Answers a client that has closed its sending side after a complete request.

        Returns:
            Whether the connection stays open for the answer.
        """
        cycle = self.cycle
        waits = cycle is not None and not cycle.response_complete and not cycle.more_body
        if waits:
            cycle.keep_alive = False
        return waits

    def data_received(self, data: bytes) -> None:
        """Reads requests; hands a connection with HTTP/2 to its own server."""
        if not data.startswith(_HTTP2):
            super().data_received(data)
            return
        from nrti_local.server import http2

        self.connections.discard(self)
        http2.take_over(self._socket, self.app, data)


class _Pairing:
    """A transport that delays a write until the next one, or the next turn of the loop."""

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
