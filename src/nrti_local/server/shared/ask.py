"""Calls a service of ministack within the process, by the API that its clients use."""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs

from nrti_local.server.asgi import Answer

#: The root key of the embedded AWS: S3 takes a request without a key for an anonymous one.
OWN = {"authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/service/aws4_request"}
#: Services that answer each request in a thread of their own.
_THREADED = {"ministack.services.firehose", "ministack.services.glue"}


class RefusedError(ValueError):
    """A service refuses a request.

    Attributes:
        body: the service's answer.
    """

    def __init__(self, request: str, body: bytes) -> None:
        super().__init__(f"{request} failed: {body.decode()}")
        self.body = body

    @property
    def message(self) -> str:
        """The message of a service that speaks JSON."""
        return str(json.loads(self.body).get("message", ""))


def ask(
    service: ModuleType, method: str, path: str, body: bytes = b"", query: str = "", **headers: str
) -> Answer:
    """Sends a request of this account and region to a service, and returns its answer.

    Only for requests that do not wait for anything, such as those to S3, DynamoDB or CloudFormation. Glue and
    Firehose answer in a thread, for which this one waits.

    Args:
        service: ministack's module of it.
        method: of HTTP.
        path: such as `/bucket`.
        body: of the request.
        query: what follows the question mark, such as `tagging` or `limit=500`; empty for none.
        headers: by name, with underscores for hyphens.

    Raises:
        RefusedError: the service refuses it.
    """
    named = OWN | {name.replace("_", "-"): value for name, value in headers.items()}
    finish = _finish_in_thread if service.__name__ in _THREADED else _finish
    status, answered, content = finish(
        service.handle_request(method, path, named, body, parse_qs(query, keep_blank_values=True))
    )
    if status >= 400:
        raise RefusedError(f"{method} {path}{'?' * bool(query)}{query}", content)
    return status, answered, content


def ask_json(service: ModuleType, operation: str, request: dict[str, Any]) -> Any:
    """As `ask`, of a service that speaks JSON.

    Args:
        service: ministack's module of it.
        operation: its full name, such as `DynamoDB_20120810.Scan`.
        request: its members.

    Raises:
        RefusedError: the service refuses it.
    """
    body = json.dumps(request).encode()
    content_type = "application/x-amz-json-1.1"
    answer = ask(service, "POST", "/", body, x_amz_target=operation, content_type=content_type)
    return json.loads(answer[2] or b"{}")


def _finish(coroutine: Coroutine[Any, Any, Answer]) -> Answer:
    try:
        coroutine.send(None)
    except StopIteration as done:
        answer: Answer = done.value
        return answer
    coroutine.close()
    raise RuntimeError("the service does not answer at once")


def _finish_in_thread(coroutine: Coroutine[Any, Any, Answer]) -> Answer:
    """Runs it on a loop of its own: the loop of the server may be the one that waits here."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(contextvars.copy_context().run, asyncio.run, coroutine).result()
