"""Answers a client of the SDK below its parser: with the bodies and headers that AWS sends."""

from __future__ import annotations

import io
import json
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from urllib3 import HTTPResponse


@dataclass
class _Exchange:
    operation: str
    request: dict[str, Any]
    status: int
    body: bytes


class HttpRecording:
    """Requests of a JSON protocol in their order, each with its answer; any other request is noted as wrong.

    Args:
        clock: the date of the answers.

    Attributes:
        wrong: what was asked and not expected.
        over: called before the last answer.
        asked: how often each operation was.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._expected: deque[_Exchange] = deque()
        self.wrong: list[str] = []
        self.over: Callable[[], None] = lambda: None
        self.asked: Counter[str] = Counter()
        self._rest: _Exchange | None = None

    def watch(self, session: Any, service: str) -> None:
        """Answers the clients that a session makes from now on."""
        session.register(f"before-send.{service}", self._answer)

    def add(self, operation: str, answer: dict[str, Any] | str, **request: Any) -> None:
        """Expects a request with these members, and perhaps others, and answers it."""
        body = answer if isinstance(answer, str) else json.dumps(answer)
        self._expected.append(_Exchange(operation, request, 200, body.encode()))

    def fail(self, operation: str, code: str, **request: Any) -> None:
        """Expects a request, and refuses it."""
        body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no"})
        self._expected.append(_Exchange(operation, request, 400, body.encode()))

    def add_rest(self, operation: str, answer: str) -> None:
        """Answers all requests after the expected ones, which are of one operation."""
        self._rest = _Exchange(operation, {}, 200, answer.encode())

    @property
    def left(self) -> list[str]:
        """The operations that were not asked for yet."""
        return [each.operation for each in self._expected]

    def _answer(self, request: Any, **_: object) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).partition(".")[2]
        sent = json.loads(request.body)
        self.asked[operation] += 1
        rest = self._rest or _Exchange("nothing", {}, 400, b"{}")
        exchange = self._expected.popleft() if self._expected else rest
        if operation != exchange.operation or not exchange.request.items() <= sent.items():
            self.wrong.append(f"{operation} {sent}, expected {exchange.operation} {exchange.request}")
        if not self._expected:
            self.over()
        date = format_datetime(self._clock(), usegmt=True)
        headers = HTTPHeaders()
        headers["date"], headers["content-type"] = date, "application/x-amz-json-1.0"
        raw = HTTPResponse(
            io.BytesIO(exchange.body), dict(headers.items()), exchange.status, preload_content=False
        )
        return AWSResponse(request.url, exchange.status, headers, raw)
