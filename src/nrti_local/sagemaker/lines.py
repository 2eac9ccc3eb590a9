"""The output of a process, line by line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_CHUNK_BYTES = 65536
_LINE_BYTES = 200_000


async def follow(stream: asyncio.StreamReader, write: Callable[[str], None]) -> None:
    """Calls `write` for each line until the stream ends; splits lines that are too long."""
    rest = b""
    while chunk := await stream.read(_CHUNK_BYTES):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > _LINE_BYTES:
            whole, rest = [*whole, rest], b""
        for line in whole:
            write(line.decode(errors="replace").rstrip("\r"))
    if rest:
        write(rest.decode(errors="replace"))
