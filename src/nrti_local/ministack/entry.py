"""Answers some operations of a service at `handle_request`, the public entry of each service of ministack."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nrti_local.server.asgi import Answer, present

#: The members of a request.
Request = Mapping[str, Any]
#: Answers a request in the account and region of the current task; None leaves it to ministack.
Operation = Callable[[Request], Answer | None]
#: `handle_request`: from method, path, headers, body and query.
Handler = Callable[[str, str, dict[str, str], bytes, Any], Awaitable[Answer]]


def name(headers: Mapping[str, str]) -> str:
    """The operation that a request names in its headers."""
    return headers.get("x-amz-target", "").rpartition(".")[2]


def answering(operations: Mapping[str, Operation]) -> Callable[[Handler], Handler]:
    """Makes a patch of `handle_request`.

    Args:
        operations: by name. A request for which one raises KeyError, TypeError, ValueError or AttributeError
            is wrong: ministack answers it, with its error messages.
    """

    def replace(original: Handler) -> Handler:
        async def handle_request(
            method: str, path: str, headers: dict[str, str], body: bytes, query: Any
        ) -> Answer:
            operation = operations.get(name(headers))
            answer = None
            if operation and "cbor" not in headers.get("content-type", ""):
                try:
                    answer = operation(present(json.loads(body)))
                except (AttributeError, KeyError, TypeError, ValueError):
                    answer = None
            return answer or await original(method, path, headers, body, query)

        return handle_request

    return replace
