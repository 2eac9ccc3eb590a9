"""Requests whose sender disconnects before the end of the body."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from nrti_local.server.asgi import Application, Receive, Scope, Send, read
from nrti_local.server.gateway import Gateway
from nrti_local.server.layers.full_disk import before

SAGEMAKER = (b"authorization", b"AWS4-HMAC-SHA256 Credential=k/20260101/eu-central-2/sagemaker/aws4_request")
OTHER = (b"authorization", b"AWS4-HMAC-SHA256 Credential=k/20260101/eu-central-2/kinesis/aws4_request")


def _send_a_part(application: Application, header: tuple[bytes, bytes]) -> list[MutableMapping[str, Any]]:
    """Sends the beginning of a body and disconnects; returns what was answered."""
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": b'{"Records": [', "more_body": True},
        {"type": "http.disconnect"},
    ]
    answered: list[MutableMapping[str, Any]] = []
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": [header]}

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        answered.append(message)

    asyncio.run(application(scope, receive, send))  # type: ignore[arg-type] # a coroutine, as they all are
    return answered


@pytest.mark.parametrize("header", [SAGEMAKER, OTHER])
def test_a_part_of_a_request_is_not_acted_upon(header: tuple[bytes, bytes]) -> None:
    acted_upon: list[bytes] = []

    async def ministack(_: Scope, receive: Receive, __: Send) -> None:
        acted_upon.append(await read(receive))

    assert _send_a_part(Gateway(ministack, "http://127.0.0.1:9", None), header) == []
    assert acted_upon == []


def test_a_full_disk_answers_no_client_that_has_disconnected() -> None:
    async def application(*_: Any) -> None:
        raise AssertionError("the request is refused")

    assert _send_a_part(before(application, lambda: "the disk is full"), OTHER) == []
