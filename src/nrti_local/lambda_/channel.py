"""The way to a Lambda worker process: a line to it, a line back, and what it printed meanwhile."""

from __future__ import annotations

import asyncio
import os
import select
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, finalize

from nrti_local.lambda_.loop import LOG

_CHUNK = 1 << 18
#: The size at which a log file begins anew; what was in it has been read.
_LOG_BYTES = 1 << 20
#: A file's time of access is written to the disk's journal, which a busy disk makes the reader wait for.
_UNTRACED = getattr(os, "O_NOATIME", 0)


class Channel:
    """The pipes of one worker process, and its log file; used by one invocation at a time.

    Args:
        process: with pipes as its standard input and output.
        log: the file that it prints to; it need not exist yet.
    """

    def __init__(self, process: Any, log: Path) -> None:
        # As long as the channel: ministack drops the process of a function that is updated in the midst of an
        # invocation, and then the numbers of its pipes would soon be those of other files.
        self._pipes = process.stdin, process.stdout
        self._requests: int = process.stdin.fileno()
        self._answers: int = process.stdout.fileno()
        for descriptor in (self._requests, self._answers):
            os.set_blocking(descriptor, False)
        self._path = log
        self._log: int | None = None
        self._read = 0
        self._parts: list[bytes] = []

    def ask(self, line: bytes, seconds: float) -> bytes:
        """Sends a line and waits for the one that answers it.

        Raises:
            TimeoutError: it did not come in time.
            EOFError: the process ended instead.
        """
        self._parts.clear()
        deadline = time.monotonic() + seconds
        while line := self._send(line):
            _wait(self._requests, select.POLLOUT, deadline)
        while (answer := self._receive()) is None:
            _wait(self._answers, select.POLLIN, deadline)
        return answer

    async def answer(self, line: bytes, seconds: float) -> bytes:
        """As `ask`, on a loop."""
        self._parts.clear()
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(seconds):
            while line := self._send(line):
                await _readiness(loop.add_writer, loop.remove_writer, self._requests)
            while (answer := self._receive()) is None:
                await _readiness(loop.add_reader, loop.remove_reader, self._answers)
        return answer

    def log(self) -> str:
        """What the process printed since the last call."""
        if self._log is None:
            if not self._path.exists():
                return ""
            self._log = os.open(self._path, os.O_RDONLY | _UNTRACED)
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

    def _send(self, line: bytes) -> bytes:
        """Sends as much as the pipe takes and returns the rest."""
        try:
            return line[os.write(self._requests, line) :]
        except BlockingIOError:
            return line
        except OSError as error:
            raise EOFError from error

    def _receive(self) -> bytes | None:
        """The answer, or None as long as it is not there as a whole."""
        try:
            chunk = os.read(self._answers, _CHUNK)
        except BlockingIOError:
            return None
        if not chunk:
            raise EOFError
        self._parts.append(chunk)
        return b"".join(self._parts) if chunk.endswith(b"\n") else None


def _wait(descriptor: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError


async def _readiness(add: Callable[..., Any], remove: Callable[[int], Any], descriptor: int) -> None:
    ready = asyncio.get_running_loop().create_future()

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    add(descriptor, tell)
    try:
        await ready
    finally:
        remove(descriptor)


_channels: WeakKeyDictionary[Any, Channel] = WeakKeyDictionary()


def channel_of(worker: Any) -> Channel:
    """The channel of one of ministack's workers, whose process runs."""
    process = worker._proc  # noqa: SLF001
    if process not in _channels:
        _channels[process] = Channel(process, Path(worker._tmpdir) / LOG)  # noqa: SLF001
    return _channels[process]
