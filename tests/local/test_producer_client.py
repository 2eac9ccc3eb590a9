"""The HTTP client of the producer: what it makes of answers, of their absence, and of the environment."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aiohttp import web

from nrti_cli.producer.client import Answer, HttpClient
from tests.local.sink import Sink, accept, hang_up, refuse, slow


def post(url: str, times: int = 1, *, connections: int = 10) -> list[Answer]:
    """Sends so many requests at once."""

    async def session() -> list[Answer]:
        client = HttpClient(url, "key", connections)
        answers = await asyncio.gather(*(client.post(b'{"data": [1]}') for _ in range(times)))
        await client.close()
        return answers

    return asyncio.run(session())


def test_what_is_accepted_needs_no_words(sink: Sink) -> None:
    assert post(sink.url) == [Answer(202)]


def test_a_refusal_is_reported_in_the_words_of_the_api(sink: Sink) -> None:
    sink.otherwise = refuse(400, "no such model")
    assert post(sink.url) == [Answer(400, "no such model")]


@pytest.mark.parametrize(("status", "reason"), [(502, "Bad Gateway"), (599, "")])
def test_without_words_of_the_api_the_status_speaks(sink: Sink, status: int, reason: str) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(status=status, text="<html>")

    sink.otherwise = page
    assert post(sink.url) == [Answer(status, reason)]


def test_a_redirect_is_not_followed_with_the_key(sink: Sink) -> None:
    async def elsewhere(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"location": "/events"})

    sink.otherwise = elsewhere
    assert post(sink.url) == [Answer(307, "Temporary Redirect")]
    assert len(sink.requests) == 1


def test_a_refused_and_a_broken_connection_are_named(sink: Sink) -> None:
    sink.otherwise = hang_up
    assert post(sink.url) == [Answer(0, "connection closed before message completed")]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    assert post(f"http://127.0.0.1:{free}/events") == [Answer(0, "connection refused")]


def test_a_server_without_tls_is_not_spoken_to_as_if_it_had(sink: Sink) -> None:
    (answer,) = post(sink.url.replace("http:", "https:"))
    assert answer.status == 0
    assert answer.transient
    assert not sink.requests


def test_it_opens_no_more_connections_than_it_may_and_keeps_them(sink: Sink) -> None:
    ports = set()

    async def behave(request: web.Request) -> web.Response:
        assert request.transport
        ports.add(request.transport.get_extra_info("peername")[1])
        return await slow(0.01)(request)

    sink.otherwise = behave
    assert post(sink.url, 30, connections=3) == [Answer(202)] * 30
    assert 1 <= len(ports) <= 3


def test_the_proxy_of_the_environment_is_used(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = []

    async def behave(request: web.Request) -> web.Response:
        hosts.append(request.host)
        return await accept(request)

    sink.otherwise = behave
    monkeypatch.setenv("http_proxy", sink.url.removesuffix("/events"))
    assert post("http://api.invalid/events") == [Answer(202)]
    assert hosts == ["api.invalid"]
