"""The pipes to the server, kept away from the handler and its children."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from nrti_local.server.shared.framing import PREFIX

Header = dict[str, Any]

_CHUNK = 1 << 16


class Pipes:
    """What the process was started with as its standard input and output; the handler gets others.

    Args:
        log: the file for what the handler and its children print.
    """

    def __init__(self, log: str) -> None:
        self._requests, self._answers = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        printed = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        for source, target in ((nothing, 0), (printed, 1), (printed, 2)):
            os.dup2(source, target)
        sys.stdout = sys.stderr  # which writes each line at once

    def messages(self) -> Iterator[tuple[Header, bytes]]:
        """The header and the body of each message, until the server closes the pipe."""
        while prefix := self._read(PREFIX.size):
            head, body = PREFIX.unpack(prefix)
            yield json.loads(self._read(head)), self._read(body)

    def send(self, message: bytes) -> None:
        """Sends a message."""
        while message:
            message = message[os.write(self._answers, message) :]

    def _read(self, size: int) -> bytes:
        """Reads so many bytes; none if the pipe is closed."""
        data = bytearray()
        while len(data) < size:
            chunk = os.read(self._requests, min(size - len(data), _CHUNK))
            if not chunk:
                return b""
            data += chunk
        return bytes(data)
