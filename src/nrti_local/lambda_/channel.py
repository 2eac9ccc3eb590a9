"""The pipes to and from a worker process, and the file that it prints to."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from weakref import finalize

from nrti_local.server.shared.framing import PREFIX, pack

Header = dict[str, Any]

_CHUNK = 1 << 18
#: The size at which a log file begins anew; what was in it has been read.
_LOG_BYTES = 1 << 20
#: Keeps reads from updating the file's time of access, for which the reader would wait on a busy disk.
_NO_ACCESS_TIME = getattr(os, "O_NOATIME", 0)


class Channel:
    """Exchanges messages with one process, for one invocation at a time.

    Any event loop may use it; the next invocation may come from another one.

    Args:
        requests: the process's standard input.
        answers: the process's standard output.
        log: the file that it prints to; it need not exist yet.
    """

    def __init__(self, requests: IO[bytes], answers: IO[bytes], log: Path) -> None:
        # Holds the pipes open: their numbers must not become those of other files while an invocation waits.
        self._pipes = requests, answers
        self._requests, self._answers = requests.fileno(), answers.fileno()
        for descriptor in (self._requests, self._answers):
            os.set_blocking(descriptor, False)
        self._path = log
        self._log: int | None = None
        self._read = 0
        self._buffer = bytearray()

    async def ask(self, header: Header, body: bytes) -> tuple[Header, bytes]:
        """Sends a message and waits for the one that answers it.

        Raises:
            EOFError: the process ended instead.
        """
        data = pack(header, body)
        loop = asyncio.get_running_loop()
        while data := self._send(data):
            await _readiness(loop.add_writer, loop.remove_writer, self._requests)
        return await self.receive()

    async def receive(self) -> tuple[Header, bytes]:
        """Waits for a message.

        Raises:
            EOFError: the process ended instead.
        """
        loop = asyncio.get_running_loop()
        while (message := self._receive()) is None:
            await _readiness(loop.add_reader, loop.remove_reader, self._answers)
        return message

    def log(self) -> str:
        """What the process printed since the last call."""
        if self._log is None:
            if not self._path.exists():
                return ""
            self._log = os.open(self._path, os.O_RDONLY | _NO_ACCESS_TIME)
            finalize(self, os.close, self._log)
        text = b""
        while chunk := os.pread(self._log, _CHUNK, self._read):
            text += chunk
            self._read += len(chunk)
            if len(chunk) < _CHUNK:
                break
        if self._read > _LOG_BYTES:
            os.truncate(self._path, 0)
            self._read = 0
        return text.decode(errors="replace").rstrip("\n")

    def _send(self, data: bytes) -> bytes:
        """Sends as much as the pipe takes and returns the rest."""
        try:
            return data[os.write(self._requests, data) :]
        except BlockingIOError:
            return data
        except OSError as error:
            raise EOFError from error

    def _receive(self) -> tuple[Header, bytes] | None:
        """Reads what has come; returns a message once it is complete."""
        try:
            chunk = os.read(self._answers, _CHUNK)
        except BlockingIOError:
            return None
        if not chunk:
            raise EOFError
        self._buffer += chunk
        if len(self._buffer) < PREFIX.size:
            return None
        head, body = PREFIX.unpack_from(self._buffer)
        start = PREFIX.size + head
        if len(self._buffer) < start + body:
            return None
        header = json.loads(self._buffer[PREFIX.size : start])
        content = bytes(self._buffer[start : start + body])
        self._buffer.clear()
        return header, content


async def _readiness(add: Callable[..., Any], remove: Callable[[int], Any], descriptor: int) -> None:
    ready = asyncio.get_running_loop().create_future()

    def set_ready() -> None:
        if not ready.done():
            ready.set_result(None)

    add(descriptor, set_ready)
    try:
        await ready
    finally:
        remove(descriptor)
