"""The HTTP client, behind a small interface."""

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

from nrti_cli.producer.certificates import company_certificates
from nrti_cli.producer.outcomes import EventOutcome, read_outcomes

#: Timeouts: accepting an event takes milliseconds; for a prediction, API Gateway itself waits 29 s.
_TIMEOUT = timedelta(seconds=10)
_TIMEOUT_OF_PREDICTIONS = timedelta(seconds=35)
_CONNECT_TIMEOUT = timedelta(seconds=5)
_TRANSIENT = {0, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True)
class Answer:
    """The response to a request.

    Attributes:
        status: the HTTP status, 0 without a response.
        message: the API's message if it did not accept the request, or why there was no response.
        outcomes: of the events, if the API accepted them and returns predictions.
    """

    status: int
    message: str = ""
    outcomes: Sequence[EventOutcome] = ()

    @property
    def accepted(self) -> bool:
        """Whether the API accepted the events."""
        return 200 <= self.status < 300

    @property
    def transient(self) -> bool:
        """Whether a retry may succeed; dead-lettered events are not sent again."""
        return not self.outcomes and (self.status in _TRANSIENT or self.status >= 500)

    def __str__(self) -> str:
        """As text: `403 Forbidden`, `no answer: connection refused`."""
        return f"{self.status or 'no answer:'} {self.message}"


class Client(Protocol):
    """Posts request bodies to a URL."""

    async def post(self, body: bytes) -> Answer:
        """Sends a JSON body once. Errors of the network are responses with status 0."""

    async def close(self) -> None:
        """Closes the connections."""


class HttpClient:
    """A `Client` on Rust's reqwest: persistent connections, the environment's proxy and certificates.

    Args:
        url: for the events.
        key: the API key.
        connections: maximum number of connections.
        wait: whether the responses contain predictions.
    """

    def __init__(self, url: str, key: str, connections: int, *, wait: bool = False) -> None:
        self._url = url
        self._wait = wait
        self._timeout = _TIMEOUT_OF_PREDICTIONS if wait else _TIMEOUT
        builder = ClientBuilder()
        if urlsplit(url).hostname == "127.0.0.1":  # never through a proxy
            builder = builder.no_proxy()
        for certificate in company_certificates() if url.startswith("https:") else ():
            builder = builder.add_root_certificate_pem(certificate)
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
            return Answer(0, f"no response within {self._timeout.seconds} s")
        except RequestError as error:
            return Answer(0, _cause(error))

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()


def _message(body: bytes, status: int) -> str:
    """The API's `message`, or the standard reason phrase of the status if the body has none."""
    try:
        message = json.loads(body)["message"]
    except (ValueError, TypeError, LookupError):
        return next((known.phrase for known in HTTPStatus if known == status), "")
    return str(message)[:500]


def _cause(error: RequestError) -> str:
    """The innermost cause, without the system's error number."""
    causes = error.details["causes"] or [{"message": error.message}]
    cause = causes[-1]["message"].partition(" (os error")[0]
    return cause[:1].lower() + cause[1:]
