"""How the body of a request is read."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from nrti_local.server.asgi import ClientGoneError, Receive, read


def _sending(*messages: dict[str, Any]) -> Receive:
    left = list(messages)

    async def receive() -> MutableMapping[str, Any]:
        return left.pop(0)

    return receive


def _part(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize(("limit", "body"), [(4, b"abcd"), (3, None)])
def test_a_body_in_parts_is_read_up_to_a_limit(limit: int, body: bytes | None) -> None:
    parts = _part(b"ab", more=True), _part(b"cd", more=False)

    assert asyncio.run(read(_sending(*parts), limit)) == body


def test_a_part_of_a_body_is_no_body() -> None:
    with pytest.raises(ClientGoneError):
        asyncio.run(read(_sending(_part(b"ab", more=True), {"type": "http.disconnect"})))
