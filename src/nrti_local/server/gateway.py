"""The one address of the embedded AWS: sends each request to the service that answers it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import aiohttp

from nrti_local.apigateway.turnstile import Turnstile
from nrti_local.server.asgi import (
    Answer,
    Application,
    ClientGoneError,
    Receive,
    Scope,
    Send,
    read,
    respond,
    send_answer,
)

#: From the scope and the body of a request to the answer that denies it (status, headers, body), or None.
Authorization = Callable[[Scope, bytes], Answer | None]

#: In the Authorization header of a request for SageMaker; its runtime is signed with the same name.
_SAGEMAKER_SCOPE = b"/sagemaker/aws4_request"
#: Prefixes of the actions that only read; services whose operations are paths have no such names.
_READS = (b"BatchGet", b"Describe", b"Get", b"List", b"Query", b"Scan")
#: In the path of a request to a REST API.
_API = "/_user_request_/"
#: What API Gateway answers to requests beyond an account's limit.
_TOO_MANY = b'{"message": "Too many requests at once; send it again a little later."}'
_TOO_MANY_HEADERS = [
    (b"content-type", b"application/json"),
    (b"retry-after", b"1"),
    (b"x-amzn-errortype", b"TooManyRequestsException"),
]
#: The SageMaker process starts again within this time, or the request fails.
_SAGEMAKER_SECONDS = 120
_HOP_BY_HOP = {b"host", b"connection", b"transfer-encoding", b"content-length", b"expect"}


class Gateway:
    """An ASGI application in front of ministack and the SageMaker process.

    Args:
        ministack: answers everything but SageMaker, and authorizes those requests itself.
        sagemaker_url: where the SageMaker process listens.
        authorization: authorizes the requests to SageMaker; None allows all of them.
    """

    def __init__(
        self, ministack: Application, sagemaker_url: str, authorization: Authorization | None
    ) -> None:
        self._ministack = ministack
        self._sagemaker_url = sagemaker_url
        self._authorization = authorization
        self._session: aiohttp.ClientSession | None = None
        self._turnstile = Turnstile()
        #: Counts the requests to ministack that may have changed its state.
        self.changes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection event."""
        with contextlib.suppress(ClientGoneError):  # a part of a request must not be acted upon
            await self._serve(scope, receive, send)

    async def close(self) -> None:
        """Closes the connections to the SageMaker process."""
        if self._session:
            await self._session.close()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _signed_for_sagemaker(scope):
            body = await read(receive)
            if not await self._denied(scope, body, send):
                await self._forward(scope, body, send)
            return
        if is_for_an_api(scope) and not await self._turnstile.passes():
            await respond(send, 429, _TOO_MANY_HEADERS, _TOO_MANY)
            return
        await self._ministack(scope, receive, send)
        self.changes += _may_change(scope)

    async def _denied(self, scope: Scope, body: bytes, send: Send) -> bool:
        """Answers a request whose sender may not make it; returns False for all others."""
        denial = self._authorization(scope, body) if self._authorization else None
        if denial is None:
            return False
        await send_answer(send, denial)
        return True

    async def _forward(self, scope: Scope, body: bytes, send: Send) -> None:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=_SAGEMAKER_SECONDS)
            self._session = aiohttp.ClientSession(self._sagemaker_url, auto_decompress=False, timeout=timeout)
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in scope["headers"]
            if name not in _HOP_BY_HOP
        ]
        path = scope["raw_path"].decode("ascii")
        query = scope["query_string"].decode("ascii")
        try:
            async with self._session.request(
                scope["method"], f"{path}?{query}" if query else path, headers=headers, data=body
            ) as answer:
                content = await answer.read()
                kept = [(n.lower(), v) for n, v in answer.raw_headers if n.lower() not in _HOP_BY_HOP]
                await respond(send, answer.status, kept, content)
        except (aiohttp.ClientError, TimeoutError):
            # The supervisor starts the SageMaker process again, and SDKs retry after this answer.
            text = b'{"__type":"ServiceUnavailable","message":"SageMaker is starting; try again."}'
            await respond(send, 503, [(b"content-type", b"application/x-amz-json-1.1")], text)


def _signed_for_sagemaker(scope: Scope) -> bool:
    return any(name == b"authorization" and _SAGEMAKER_SCOPE in value for name, value in scope["headers"])


def is_for_an_api(scope: Scope) -> bool:
    """Whether a request sends something to a REST API."""
    return scope["type"] == "http" and scope["method"] == "POST" and _API in scope["path"]


def _may_change(scope: Scope) -> bool:
    """Whether a request may change something, judged by its method and headers."""
    if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
        return False
    target = next((value for name, value in scope["headers"] if name == b"x-amz-target"), b"")
    return not target.rpartition(b".")[2].startswith(_READS)
