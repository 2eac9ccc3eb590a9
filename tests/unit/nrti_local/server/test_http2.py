"""What of a connection of HTTP/2 reaches its server."""

from __future__ import annotations

import asyncio

import pytest

from nrti_local.server.http2 import PREFACE, WithoutGoaway


def frame(kind: int, content: bytes = b"") -> bytes:
    return len(content).to_bytes(3, "big") + bytes([kind]) + bytes(5) + content


SETTINGS, GOAWAY = frame(4), frame(7, bytes(8))
DATA = frame(0, b"\x07" * 40)


@pytest.mark.parametrize("size", [1, 5, 9, 24, 1000])
def test_all_but_the_announced_end_passes_however_it_is_cut(size: int) -> None:
    sent = PREFACE + SETTINGS + GOAWAY + DATA + GOAWAY + SETTINGS

    async def read() -> list[bytes]:
        reader = asyncio.StreamReader()
        reader.feed_data(sent)
        reader.feed_eof()
        asked = WithoutGoaway(reader)
        found = []
        while piece := await asked.read(size):
            found.append(piece)
        assert asked.at_eof()
        return found

    assert b"".join(asyncio.run(read())) == PREFACE + SETTINGS + DATA + SETTINGS
