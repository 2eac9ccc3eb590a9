"""Sends any bytes over one connection, and judges what every answer has to be."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

#: Longer than any request of these takes on a busy machine: what takes so long hangs.
_STALL_SECONDS = 20.0
_IDLE_SECONDS = 1.0


@dataclass(frozen=True)
class Reply:
    """An answer's status, headers (their names in lower case) and JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass
class FuzzClient:
    """A client that takes no offence.

    Attributes:
        url: where the paths begin.
        sent: how many requests have been answered.
    """

    url: str
    sent: int = field(default=0)

    def __post_init__(self) -> None:
        split = urlsplit(self.url)
        assert split.hostname
        self._path = split.path
        self._used = 0.0
        self._connection = http.client.HTTPConnection(split.hostname, split.port, timeout=_STALL_SECONDS)

    def send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], *, json_answer: bool = True
    ) -> Reply:
        """Sends a request; the answer has to be in time, JSON, and no failure of the server's.

        Without `json_answer` only a refusal has to be JSON.

        Raises:
            AssertionError: it is not.
            OSError: the server hung up, or hangs.
        """
        began = time.monotonic()
        if began - self._used > _IDLE_SECONDS:
            self._connection.close()  # before the server does, which it may after a few seconds
        try:
            response, text = self._exchange(method, path, body, headers)
        except BaseException:
            self._connection.close()
            raise
        self._used = time.monotonic()
        assert self._used - began < _STALL_SECONDS
        assert response.status < 500, (response.status, text)
        self.sent += 1
        found = {name.lower(): value for name, value in response.getheaders()}
        plain = response.status == 200 and not json_answer
        return Reply(response.status, found, text if plain else json.loads(text))

    def _exchange(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        # Not HTTPConnection.request, which refuses paths that a hostile client would send.
        self._connection.putrequest(method, self._path + path, skip_accept_encoding=True)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self._connection.putheader(name, value)
        self._connection.endheaders(body)
        response = self._connection.getresponse()
        return response, response.read()
