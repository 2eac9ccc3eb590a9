"""The HTTP client, behind a seam narrow enough to exchange it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

import aiohttp

#: API Gateway itself answers within 29 s; accepting an event takes milliseconds.
_TIMEOUT_SECONDS = 10
_CONNECT_SECONDS = 5
_TRANSIENT = {0, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True)
class Answer:
    """What became of one request.

    Attributes:
        status: the HTTP status, 0 when there was no answer.
        message: the API's own words when it did not accept, or why there was no answer.
    """

    status: int
    message: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the API has taken the events."""
        return 200 <= self.status < 300

    @property
    def transient(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status in _TRANSIENT or self.status >= 500

    def __str__(self) -> str:
        """As it is shown to people: `403 Forbidden`, `no answer: connection refused`."""
        return f"{self.status or 'no answer:'} {self.message}"


class Client(Protocol):
    """Posts request bodies to one address."""

    async def post(self, body: bytes) -> Answer:
        """Sends a JSON body once. Whatever fails on the way is an answer with status 0."""

    async def close(self) -> None:
        """Closes the connections."""


class AiohttpClient:
    """A `Client` on aiohttp, with persistent connections.

    Args:
        url: where the events go.
        key: the API key.
        connections: how many connections it may open.
    """

    def __init__(self, url: str, key: str, connections: int) -> None:
        self._url = url
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections),
            headers={"x-api-key": key, "content-type": "application/json"},
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS, sock_connect=_CONNECT_SECONDS),
            trust_env=True,
        )

    async def post(self, body: bytes) -> Answer:
        """Sends a JSON body once."""
        try:
            async with self._session.post(self._url, data=body, allow_redirects=False) as response:
                answer = await response.read()
        except TimeoutError:
            return Answer(0, f"nothing came within {_TIMEOUT_SECONDS} s")
        except aiohttp.ClientConnectorError as error:
            return Answer(0, (error.strerror or str(error)).lower())
        except (aiohttp.ClientError, OSError) as error:
            return Answer(0, str(error) or type(error).__name__)
        if 200 <= response.status < 300:
            return Answer(response.status)
        return Answer(response.status, _message(answer, response.reason or ""))

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()


def _message(body: bytes, reason: str) -> str:
    """The API's `message`, or the status's own reason when the body holds none."""
    try:
        message = json.loads(body)["message"]
    except (ValueError, TypeError, LookupError):
        return reason
    return str(message)[:500]
