"""The answer of a REST API."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache

from nrti_local.server.asgi import Send, respond


@dataclass
class Response:
    """An answer.

    Attributes:
        status: of HTTP.
        headers: by name; a list of values becomes a line each.
        body: its bytes.
    """

    status: int
    headers: dict[str, str | list[str]] = field(default_factory=dict)
    body: bytes = b""

    def set(self, name: str, value: str | list[str]) -> None:
        """Sets a header, in place of one whose name differs in case only."""
        for other in [other for other in self.headers if other.lower() == name.lower()]:
            del self.headers[other]
        self.headers[name] = value

    def add(self, name: str, value: str) -> None:
        """Adds a line of a header that may have others."""
        before = self.headers.get(name, [])
        lines = [before] if isinstance(before, str) else before
        self.headers[name] = [*lines, value]

    async def send(self, send: Send) -> None:
        """Sends it."""
        lines = [(b"date", _date(int(time.time())))]
        for name, value in self.headers.items():
            raw = name.encode("latin-1")
            lines.extend((raw, _encoded(each)) for each in ([value] if isinstance(value, str) else value))
        await respond(send, self.status, lines, self.body)


def _encoded(value: str) -> bytes:
    """As it was decoded: what Latin-1 lacks is sent as UTF-8."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


@lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()
