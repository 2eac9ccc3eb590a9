"""Asks a service of ministack, inside its process, by the API that its clients use."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from types import ModuleType
from typing import Any

#: Names the root key of the embedded AWS: without a key S3 takes a request for an anonymous one.
_OWN = {"authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/service/aws4_request"}
#: Status, headers and body.
Answer = tuple[int, dict[str, str], bytes]


def ask(
    service: ModuleType, method: str, path: str, body: bytes = b"", query: str = "", **headers: str
) -> Answer:
    """Has a service answer a request of this account and region, at once.

    Only for services that answer without waiting for anything: S3, DynamoDB, Kinesis, Lambda, CloudFormation.

    Args:
        service: ministack's module of it.
        method: of HTTP.
        path: such as `/bucket`.
        body: of the request.
        query: the one name in the query, such as `tagging`; empty for none.
        headers: by name, with underscores for hyphens.

    Raises:
        ValueError: the service refuses it.
    """
    named = _OWN | {name.replace("_", "-"): value for name, value in headers.items()}
    status, told, content = _finish(
        service.handle_request(method, path, named, body, {query: [""]} if query else {})
    )
    if status >= 400:
        raise ValueError(f"{method} {path}{'?' * bool(query)}{query} failed: {content.decode()}")
    return status, told, content


def ask_json(service: ModuleType, operation: str, request: dict[str, Any]) -> Any:
    """As `ask`, of a service that speaks JSON.

    Args:
        service: ministack's module of it.
        operation: its full name, such as `DynamoDB_20120810.Scan`.
        request: its members.

    Raises:
        ValueError: the service refuses it.
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
    raise RuntimeError("the service waits for something, which it cannot do here")
