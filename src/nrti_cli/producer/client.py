"""The HTTP client, behind a seam narrow enough to exchange it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import RequestError, RequestTimeoutError

from nrti_cli.producer.outcomes import Outcome, read_outcomes

#: Accepting an event takes milliseconds; for a prediction API Gateway itself waits for 29 s.
_TIMEOUT = timedelta(seconds=10)
_TIMEOUT_OF_PREDICTIONS = timedelta(seconds=35)
_CONNECT_TIMEOUT = timedelta(seconds=5)
_TRANSIENT = {0, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True)
class Answer:
    """What became of one request.

    Attributes:
        status: the HTTP status, 0 when there was no answer.
        message: the API's own words when it did not accept, or why there was no answer.
        outcomes: what came of the events, if the sender waited for it and the API had taken them.
    """

    status: int
    message: str = ""
    outcomes: Sequence[Outcome] = ()

    @property
    def accepted(self) -> bool:
        """Whether the API has taken the events."""
        return 200 <= self.status < 300

    @property
    def transient(self) -> bool:
        """Whether the same request may succeed later; what lies in the dead letters is not sent again."""
        return not self.outcomes and (self.status in _TRANSIENT or self.status >= 500)

    def __str__(self) -> str:
        """As it is shown to people: `403 Forbidden`, `no answer: connection refused`."""
        return f"{self.status or 'no answer:'} {self.message}"


class Client(Protocol):
    """Posts request bodies to one address."""

    async def post(self, body: bytes) -> Answer:
        """Sends a JSON body once. Whatever fails on the way is an answer with status 0."""

    async def close(self) -> None:
        """Closes the connections."""


class HttpClient:
    """A `Client` on Rust's reqwest: persistent connections, and to other machines by the environment's proxy.

    Args:
        url: where the events go.
        key: the API key.
        connections: how many connections it may open.
        wait: whether the address answers with predictions.
    """

    def __init__(self, url: str, key: str, connections: int, *, wait: bool = False) -> None:
        self._url = url
        self._wait = wait
        self._timeout = _TIMEOUT_OF_PREDICTIONS if wait else _TIMEOUT
        builder = ClientBuilder()
        if urlsplit(url).hostname == "127.0.0.1":  # the embedded AWS is behind no proxy
            builder = builder.no_proxy()
        self._client = (
            builder.default_headers({"x-api-key": key, "content-type": "application/json"})
            .max_connections(connections)
            .timeout(self._timeout)
            .connect_timeout(_CONNECT_TIMEOUT)
            .follow_redirects(False)
            .build()
        )

    async def post(self, body: bytes) -> Answer:
        """Sends a JSON body once."""
        try:
            response = await self._client.post(self._url).body_bytes(body).build().send()
            answer = Answer(response.status)
            if answer.accepted and not self._wait:
                return answer
            body = bytes(await response.bytes())
            outcomes = read_outcomes(body) if self._wait else ()
            return Answer(response.status, _message(body, response.status), outcomes)
        except RequestTimeoutError:
            return Answer(0, f"nothing came within {self._timeout.seconds} s")
        except RequestError as error:
            return Answer(0, _cause(error))

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()


def _message(body: bytes, status: int) -> str:
    """The API's `message`, or the usual reason of the status when the body holds none."""
    try:
        message = json.loads(body)["message"]
    except (ValueError, TypeError, LookupError):
        return next((known.phrase for known in HTTPStatus if known == status), "")
    return str(message)[:500]


def _cause(error: RequestError) -> str:
    """The innermost cause, without the system's number for it."""
    causes = error.details["causes"] or [{"message": error.message}]
    cause = causes[-1]["message"].partition(" (os error")[0]
    return cause[:1].lower() + cause[1:]
