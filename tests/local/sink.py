"""An HTTP server that takes events as the API does, and fails as the test says."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Behaviour = Callable[[web.Request], Awaitable[web.Response]]


async def accept(_: web.Request) -> web.Response:
    return web.json_response({"request_id": "r"}, status=202)


def refuse(status: int, message: str) -> Behaviour:
    async def behave(_: web.Request) -> web.Response:
        return web.json_response({"message": message}, status=status)

    return behave


def slow(seconds: float) -> Behaviour:
    async def behave(request: web.Request) -> web.Response:
        await asyncio.sleep(seconds)
        return await accept(request)

    return behave


def hold_until(requests: int, sink: Sink) -> Behaviour:
    """Answers none before so many have arrived: a client that waits for an answer first never gets one."""

    async def behave(request: web.Request) -> web.Response:
        async with asyncio.timeout(60):
            while len(sink.requests) < requests:
                await asyncio.sleep(0.01)
        return await accept(request)

    return behave


async def hang_up(request: web.Request) -> web.Response:
    assert request.transport
    request.transport.close()
    return await accept(request)


@dataclass
class Sink:
    """What came in.

    Attributes:
        url: where it listens.
        behaviours: what the next requests get, in turn; then `otherwise`.
        requests: the events of each request, accepted or not.
        keys: the API keys that came along.
        arrivals: when each request came, on the loop's clock.
    """

    url: str = ""
    behaviours: list[Behaviour] = field(default_factory=list)
    otherwise: Behaviour = accept
    requests: list[list[dict[str, Any]]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    arrivals: list[float] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for request in self.requests for event in request]

    async def handle(self, request: web.Request) -> web.Response:
        self.arrivals.append(asyncio.get_running_loop().time())
        body = await request.json()
        self.requests.append(body if isinstance(body, list) else [body])
        self.keys.add(request.headers["x-api-key"])
        behave = self.behaviours.pop(0) if self.behaviours else self.otherwise
        return await behave(request)


@contextmanager
def running_sink(tls: ssl.SSLContext | None = None) -> Iterator[Sink]:
    """A sink on 127.0.0.1, in a thread of its own; with `tls` by HTTPS, as `localhost`."""
    sink, ready, loop = Sink(), threading.Event(), asyncio.new_event_loop()

    async def serve() -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_post("/events", sink.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        address = "https://localhost" if tls else "http://127.0.0.1"
        sink.url = f"{address}:{runner.addresses[0][1]}/events"
        yield
        await runner.cleanup()

    def work() -> None:
        serving = serve()
        loop.run_until_complete(anext(serving))
        ready.set()
        loop.run_forever()
        loop.run_until_complete(anext(serving, None))
        loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait()
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
