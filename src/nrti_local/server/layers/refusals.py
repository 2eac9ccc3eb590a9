"""Refuses requests for missing features with a clear error, instead of an empty or wrong response."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from nrti_local.server.asgi import Application, Receive, Scope, Send, respond
from nrti_local.server.layers import protocols
from nrti_local.server.layers.protocols import Request

#: ministack's messages for an unknown operation, path or service. A quote within a message is escaped, so no
#: text of a user can look like one.
_UNKNOWN = re.compile(
    rb"""(?: "(?:[Mm]essage|error)":\s?" | <Message> | message[\x60-\x7b][\s\S]{0,2}? )
    (?: Unknown\ [\w ]*(?:action|operation|path):\ | The\ action\ \w+\ is\ not\ valid\ for\ this\ endpoint
      | Function\ not\ found:\ / | Unsupported\ service:\ | The\ specified\ method\ is\ not\ allowed )""",
    re.VERBOSE,
)
#: Operations that ministack answers without having them, by service.
_NAMED = {
    "cloudformation": {"DescribeEvents"},
    "events": {"ActivateEventSource", "DeactivateEventSource", "DescribeEventSource"},
    "states": {"ValidateStateMachineDefinition"},
}
#: Services of which ministack reads no CBOR: it would take a request for an empty one.
_WITHOUT_CBOR = {"monitoring"}
#: The same of services with paths: method and path.
_PATHS = {
    "apigateway": re.compile(r"GET /(usageplans/[^/]+/usage|restapis/[^/]+/models/[^/]+/default_template)"),
    "lambda": re.compile(r"[A-Z]+ /\d{4}-\d\d-\d\d/code-signing-configs.*|PUT .*/code-signing-config"),
}
#: The same by the query. ministack lists a bucket, reads an object or creates a bucket instead.
_QUERIES = {
    "apigateway": {"import"},
    "s3": {
        "abac",
        "analytics",
        "intelligent-tiering",
        "inventory",
        "metadataAnnotationTable",
        "metadataConfiguration",
        "metadataInventoryTable",
        "metadataJournalTable",
        "metadataTable",
        "metrics",
        "policyStatus",
        "renameObject",
        "requestPayment",
        "session",
        "torrent",
    },
}


def before(ministack: Application) -> Application:
    """Refuses requests for what the embedded AWS lacks, and forwards all others."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = protocols.request(scope) if scope["type"] == "http" else None
        if request is None:
            await ministack(scope, receive, send)
        elif request.cbor and request.service in _WITHOUT_CBOR:
            await _refuse(
                request, f"{request.name()} in CBOR, which this client sends instead of JSON,", send
            )
        elif _pretended(request):
            await _refuse(request, request.name(), send)
        else:
            answer = _Answer(request, send)
            await ministack(scope, answer.reading(receive), answer.send)

    return serve


def _pretended(request: Request) -> bool:
    """Whether ministack would answer a request for an operation that it does not have."""
    if request.target in _NAMED.get(request.service, ()):
        return True
    pattern = _PATHS.get(request.service)
    if pattern and pattern.fullmatch(f"{request.method} {request.path}"):
        return True
    names = _QUERIES.get(request.service)
    return bool(names and request.query and names & _words(request))


def _words(request: Request) -> set[str]:
    """The names in a query, with the value of `mode`."""
    pairs = parse_qsl(request.query, keep_blank_values=True)
    return {value if name == "mode" else name for name, value in pairs}


async def _refuse(request: Request, name: str, send: Send) -> None:
    code = "NotImplemented" if request.service == "s3" else "UnknownOperationException"
    status = 501 if request.service == "s3" else 400
    message = f"{request.service}: {name} is not in the embedded AWS"
    await respond(send, *request.error(status, code, message))


class _Answer:
    """Forwards an answer, unless it says that ministack does not know the operation."""

    def __init__(self, request: Request, send: Send) -> None:
        self._request = request
        self._send = send
        self._asked = b""
        self._start: MutableMapping[str, Any] | None = None
        self._body = b""

    def reading(self, receive: Receive) -> Receive:
        """Keeps a form, which has the name of the operation."""
        if not self._request.form:
            return receive

        async def reading() -> MutableMapping[str, Any]:
            message = await receive()
            self._asked += message.get("body", b"")
            return message

        return reading

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Holds an error back until it is complete."""
        if message["type"] == "http.response.start" and message["status"] >= 400:
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._end(self._start)

    async def _end(self, start: MutableMapping[str, Any]) -> None:
        if _UNKNOWN.search(self._body):
            await _refuse(self._request, self._request.name(self._asked), self._send)
            return
        await self._send(start)
        await self._send({"type": "http.response.body", "body": self._body})
